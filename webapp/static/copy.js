// Shows the buttons that copy an example, where the browser lets pages write to the clipboard (HTTPS or localhost).
for (const button of navigator.clipboard ? document.querySelectorAll("button.copy") : []) {
  const [label, told] = [button.firstChild, button.nextElementSibling];
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.closest(".example").querySelector("code").textContent);
      label.data = told.textContent = "Copied";
    } catch {
      label.data = told.textContent = "Not copied. Select the text instead.";
    }
    setTimeout(() => {
      label.data = "Copy";
      told.textContent = "";
    }, 3000);
  });
}
