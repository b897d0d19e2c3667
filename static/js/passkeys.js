// Shows a message on the page if the browser gave no passkey (none exists, or the user canceled). allauth only logs it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-error").hidden = false;
});
