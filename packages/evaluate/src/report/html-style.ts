/** The page's looks: light, dark and on paper. */
export const HTML_STYLE = `
:root {
  --ink: #1f2328; --soft: #59636e; --rule: #d1d9e0; --paper: #ffffff; --card: #f6f8fa; --best: #0a5cad;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --soft: #9aa4af; --rule: #3a424c; --paper: #0f1317; --card: #171c22; --best: #7cc4ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.75rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0 0 0.5rem; }
h4 { font-size: 0.85rem; font-weight: 600; margin: 0.75rem 0 0.25rem; color: var(--soft); }
h1, h2, h3, h4, td, th { overflow-wrap: anywhere; }
.protocol { margin: 0; padding-left: 1.1rem; color: var(--soft); max-width: 60rem; }
.note { color: var(--soft); margin: 0.5rem 0 0; max-width: 60rem; }
article > .scroll, .note + article { margin-top: 0.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.9rem; text-align: left; vertical-align: top; min-width: 4rem; }
th:first-child, td:first-child { padding-left: 0; min-width: 9rem; }
thead th { white-space: normal; overflow-wrap: normal; vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
thead th { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--ink); font-weight: 600; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 2px solid var(--ink); }
tbody th { font-weight: 400; }
td strong { color: var(--best); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 32rem), 1fr)); gap: 1rem; align-items: start; }
figure { margin: 0; max-width: 46rem; padding: 0.5rem; border: 1px solid var(--rule); border-radius: 8px; }
.chart { display: block; width: 100%; height: auto; color: var(--ink); }
.chart .paper { fill: none; }
article { border: 1px solid var(--rule); border-radius: 8px; padding: 1rem; margin-top: 1rem; background: var(--card); }
article table { font-size: 0.85rem; }
.systems { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 1rem; }
.systems img { display: block; width: 100%; height: auto; max-width: 51rem; background: #ffffff; border-radius: 4px; margin-bottom: 0.5rem; }
summary { cursor: pointer; margin-top: 1rem; color: var(--best); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: 0.85rem; }
a { color: var(--best); }
@media print {
  :root { --ink: #000000; --soft: #333333; --rule: #bbbbbb; --paper: #ffffff; --card: #ffffff; --best: #000000; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  article, figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  details { display: none; }
}
`;
