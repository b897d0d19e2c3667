// Tells on the page, not in the console, that the browser gave no passkey: it was refused, cancelled, or there is none.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-error").hidden = false;
});
