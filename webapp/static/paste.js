// Fills in the form from a row of a spreadsheet that is pasted into the first field.
const form = document.querySelector("form.case");
const hint = document.getElementById("paste");
const fields = [...form.querySelectorAll(".field")];
const label = field => field.firstElementChild.firstChild.textContent.trim();
const TRUTH = { TRUE: "yes", True: "yes", FALSE: "no", False: "no" };

// Spreadsheets have 1 and TRUE where the form has “yes (1)” and “yes”.
const spellings = choice => [choice, ...(/^(yes|no) \(([01])\)$/.exec(choice) || []).slice(1)];
function put(field, cell) {
  const [first, ...others] = field.querySelectorAll("input, select, textarea");
  if (first.type !== "radio" && first.tagName !== "SELECT") {
    first.value = cell;
    return first.value === cell;
  }
  const [choices, mark] = first.type === "radio" ? [[first, ...others], "checked"] : [[...first.options], "selected"];
  const fits = text => choices.find(choice => spellings(choice.value).includes(text));
  const chosen = fits(cell) || fits(TRUTH[cell]);
  for (const choice of choices) choice[mark] = choice === chosen;
  return Boolean(chosen);
}
form.addEventListener("paste", event => {
  const lines = event.clipboardData.getData("text/plain").replace(/[\r\n]+$/, "").split(/\r?\n/);
  const [head, row = head, ...more] = lines.map(line => line.split("\t").map(cell => cell.trim()));
  if (head.length < 2 || !fields[0].contains(event.target)) return;
  event.preventDefault();
  const names = field => [field.querySelector("[name]").name, label(field)];
  const places = fields.map((field, place) => row === head ? place : head.findIndex(cell => names(field).includes(cell)));
  const missing = fields.filter((_, place) => places[place] < 0).map(label).join(", ");
  const width = row === head ? fields.length : head.length;
  if (more.length || missing || row.length !== width) {
    hint.textContent = "Nothing was filled in. " + (more.length ? "Copy one row, and its header or none."
      : missing ? `The header has no column for ${missing}.`
      : `The row has ${row.length} cells; it should have ${width}.`);
  } else {
    const wrong = fields.filter((field, place) => !put(field, row[places[place]])).map(label).join(", ");
    hint.textContent = "The row was filled in." + (wrong && ` No choice fits for ${wrong}.`);
  }
});
hint.hidden = false;
