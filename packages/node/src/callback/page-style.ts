/** The style of every page. Text keeps a contrast of 4.5 to 1 or more on both grounds (WCAG 2.2, 1.4.3). */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --edge: #dfe2e8;
  --text: #1b1f27; --quiet: #565e6c;
  --good: #1a7f4b; --plain: #5b6472; --bad: #b3341f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101318; --card: #191d24; --edge: #2b313b;
    --text: #e9ecf1; --quiet: #9aa3b2;
    --good: #4cc38a; --plain: #9aa3b2; --bad: #f2866f;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; padding: 1.5rem;
  display: grid; place-items: center;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, sans-serif;
  overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 26rem; padding: 2.75rem 2.25rem 1.5rem;
  background: var(--card); border: 1px solid var(--edge); border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 12px 32px rgb(0 0 0 / .07);
  text-align: center; text-wrap: balance;
}
svg { width: 3.5rem; height: 3.5rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
circle { fill: currentColor; fill-opacity: .12; stroke: none; }
.succeeded svg { color: var(--good); }
.denied svg, .ignored svg { color: var(--plain); }
.failed svg { color: var(--bad); }
h1 { margin-top: 1.25rem; font-size: 1.375rem; line-height: 1.3; font-weight: 600; letter-spacing: -.01em; }
p { margin-top: .625rem; color: var(--quiet); }
footer { margin-top: 2rem; padding-top: 1.125rem; border-top: 1px solid var(--edge); font-size: .8125rem; color: var(--quiet); }
@media (forced-colors: active) { circle { stroke: currentColor; stroke-width: 1; } }
`;
