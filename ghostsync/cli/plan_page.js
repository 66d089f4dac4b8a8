"use strict";
(() => {
  const text = document.getElementById("filter-text");
  // A plan in which there is nothing to look for has no filter.
  if (!text) return;
  const kind = document.getElementById("filter-kind");
  const told = document.getElementById("filter-told");
  const articles = [...document.querySelectorAll("article")];
  const sections = [...document.querySelectorAll("main > section")];
  const known = new Map(articles.map((each) => [each, each.textContent.toLowerCase()]));
  let timer = 0;

  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of articles) {
      const fits = (!kind.value || each.dataset.kind === kind.value) && words.every((word) => known.get(each).includes(word));
      each.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const each of sections) each.hidden = !each.querySelector("article:not([hidden])");
    told.textContent = shown === articles.length ? `${shown} shown` : `${shown} of ${articles.length} shown`;
  };

  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 60); });
  kind.addEventListener("change", apply);
  document.querySelector(".filter form").addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  document.getElementById("open-all").addEventListener("click", (event) => {
    const open = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(open));
    for (const each of document.querySelectorAll("article:not([hidden]) details")) each.open = open;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === text) {
      if (event.key === "Escape") { text.value = ""; apply(); text.blur(); }
      return;
    }
    if (event.target.matches("select, input, textarea")) return;
    const visible = articles.filter((each) => !each.hidden);
    const here = visible.indexOf(document.activeElement.closest("article"));
    if (event.key === "/") { event.preventDefault(); text.focus(); }
    if (event.key === "j" && visible.length) visible[Math.min(here + 1, visible.length - 1)].focus();
    if (event.key === "k" && visible.length) visible[Math.max(here - 1, 0)].focus();
  });
  apply();
})();
