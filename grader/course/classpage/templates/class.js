(() => {
  "use strict";
  const AT_ONCE = 100; // more rows than that cost time with each key that is pressed
  const form = document.getElementById("filters");
  const search = document.getElementById("search");
  const status = document.getElementById("shown");
  const more = document.getElementById("more");
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const value = (text) => (text === "" || Number.isNaN(Number(text)) ? text : Number(text));
  const rows = [...body.rows].map((row) => ({
    row,
    text: folded(`${row.cells[0].textContent} ${row.cells[1].textContent}`),
    tags: new Set(row.dataset.tags.split(" ")),
    values: [...row.cells].map((cell) => value(cell.dataset.value ?? cell.textContent.trim())),
  }));
  const students = `${rows.length} student${rows.length === 1 ? "" : "s"}`;
  let most = AT_ONCE;

  const show = () => {
    const words = folded(search.value).split(/\s+/).filter(Boolean);
    const tags = [...form.querySelectorAll("select")].map((select) => select.value).filter(Boolean);
    const fits = ({ text, tags: has }) => tags.every((tag) => has.has(tag)) && words.every((word) => text.includes(word));
    const fitting = rows.filter(fits);
    const seen = fitting.slice(0, most);
    body.replaceChildren(...seen.map(({ row }) => row));
    more.hidden = seen.length === fitting.length;
    const found = fitting.length === rows.length ? students : `${fitting.length} of ${students}`;
    status.textContent = more.hidden ? found : `${found}, the first ${seen.length} shown`;
  };
  const narrow = () => {
    most = AT_ONCE;
    show();
  };

  const collator = new Intl.Collator(undefined, { numeric: true });
  const order = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : collator.compare(one, other));
  const none = (what) => what === "" || what === "–";
  const sort = (heading, place) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const each of heading.parentNode.cells) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    // What has no value stands at the end, whichever way the others go.
    const compare = (one, other) => none(one) - none(other) || (down ? order(other, one) : order(one, other));
    rows.sort((one, other) => compare(one.values[place], other.values[place]));
    show();
  };
  [...table.tHead.rows[0].cells].forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(heading, place));
    heading.replaceChildren(button);
  });

  form.hidden = false;
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(narrow));
  more.addEventListener("click", () => {
    most += 5 * AT_ONCE;
    show();
  });
  // Who lost a criterion is one link away from wherever it is named.
  for (const link of document.querySelectorAll("a[data-tag]")) {
    link.addEventListener("click", () => {
      form.reset();
      document.getElementById("criterion").value = link.dataset.tag;
      narrow();
    });
  }
  // Paper has room for everybody.
  addEventListener("beforeprint", () => {
    most = Infinity;
    show();
  });
  addEventListener("afterprint", narrow);
  narrow();
})();
