// Tables become cards on a phone: each cell repeats its column's name, unless the page has written one.
// Also: which columns are shown (data-columns on the table), kept in this browser only.
function label(table) {
  const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, index) => {
      if (!cell.hasAttribute("data-label") && cell.colSpan === 1) cell.dataset.label = names[index] ?? "";
    });
  }
}

function columns(table) {
  const key = `columns:${table.dataset.columns}`;
  const hidden = new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
  const apply = () => {
    for (const row of table.rows) [...row.cells].forEach((cell, index) => (cell.hidden = hidden.has(index)));
  };
  const place = document.querySelector(`[data-columns-of="${table.dataset.columns}"]`);
  if (place && !place.childElementCount) {
    [...table.tHead.rows[0].cells].forEach((head, index) => {
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", className: "form-check-input", checked: !hidden.has(index) });
      box.addEventListener("change", () => {
        if (box.checked) hidden.delete(index);
        else hidden.add(index);
        localStorage.setItem(key, JSON.stringify([...hidden]));
        apply();
      });
      const choice = document.createElement("label");
      choice.className = "form-check";
      choice.append(box, head.textContent.trim());
      place.append(choice);
    });
  }
  apply();
}

function dress(scope) {
  for (const table of scope.querySelectorAll("table.cards-on-phone")) label(table);
  for (const table of scope.querySelectorAll("table[data-columns]")) columns(table);
}

dress(document);
document.addEventListener("htmx:afterSettle", () => dress(document));
