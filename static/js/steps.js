// Marks the fields of an embargo step that its rule does not use. Without it they look like the others.
"use strict";
for (const rule of document.querySelectorAll("select[data-uses]")) {
  const uses = JSON.parse(rule.dataset.uses);
  const fields = rule.closest(".inline-related").querySelectorAll(".fieldBox:is(.field-date, .field-time, .field-timezone, .field-minutes)");
  const mark = () => {
    for (const field of fields) {
      const used = (uses[rule.value] || []).some((name) => field.classList.contains(`field-${name}`));
      field.classList.toggle("unused", !used);
    }
  };
  rule.addEventListener("change", mark);
  mark();
}
