/** The one style sheet, inside each page: light and dark, from 320 px up, without pictures or fonts from elsewhere. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fafaf8;--card:#fff;--ink:#17181a;--soft:#5b5f66;--line:#e4e4df;--track:#e9e9e4;
--operational:#17734a;--maintenance:#8f4d00;--verifying:#5442c4;--attention:#b4232a;--unknown:#5b5f66;
--operational-bg:#e9f6ef;--maintenance-bg:#fdf3e1;--verifying-bg:#f0eefd;--attention-bg:#fdeeee;--unknown-bg:#f1f1ee;
--shadow:0 1px 2px rgb(20 20 15/.05),0 8px 24px -12px rgb(20 20 15/.12)}
@media(prefers-color-scheme:dark){:root{--bg:#0f1011;--card:#17181a;--ink:#ededeb;--soft:#a2a6ad;--line:#2a2c2f;--track:#2d2f33;
--operational:#4cc38a;--maintenance:#f0b04a;--verifying:#a99cff;--attention:#ff8f8f;--unknown:#a2a6ad;
--operational-bg:#11251b;--maintenance-bg:#2a1f0c;--verifying-bg:#1e1a38;--attention-bg:#331717;--unknown-bg:#1d1f21;--shadow:none}}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{background:var(--bg);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
a{color:inherit;text-underline-offset:.2em;text-decoration-thickness:1px;text-decoration-color:var(--soft)}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--verifying);outline-offset:3px;border-radius:4px}
ul,ol{list-style:none;padding:0}
time,.utc{white-space:nowrap}
.wrap{max-width:46rem;margin:0 auto;padding:0 1.25rem}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:1}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;padding-top:1.75rem;padding-bottom:1.75rem}
.brand{display:flex;align-items:center;gap:.7rem;font-weight:650;letter-spacing:-.01em;text-decoration:none}
.brand svg{flex:none;color:var(--ink)}
.links{display:flex;gap:1.25rem;font-size:.9rem}
.links a,.more a{color:var(--soft)}.links a:hover,.more a:hover{color:var(--ink)}
.hero{--c:var(--unknown);--b:var(--unknown-bg);display:grid;grid-template-columns:auto 1fr;gap:0 1.1rem;background:var(--b);border-radius:18px;padding:clamp(1.4rem,4vw,2.25rem)}
.is-operational{--c:var(--operational);--b:var(--operational-bg)}
.is-maintenance{--c:var(--maintenance);--b:var(--maintenance-bg)}
.is-verifying{--c:var(--verifying);--b:var(--verifying-bg)}
.is-attention{--c:var(--attention);--b:var(--attention-bg)}
.is-unknown{--c:var(--unknown);--b:var(--unknown-bg)}
.hero .icon{width:2.4rem;height:2.4rem;color:var(--c)}
.hero h1{font-size:clamp(1.4rem,4.6vw,1.95rem);line-height:1.2;letter-spacing:-.022em;font-weight:680;padding-top:.1rem;text-wrap:balance}
.hero p{grid-column:2;margin-top:.55rem;max-width:34rem}
.hero .when{font-size:.875rem;margin-top:.9rem}
section{margin-top:clamp(2.25rem,6vw,3.25rem)}
h2{font-size:1.0625rem;font-weight:650;letter-spacing:-.01em;margin-bottom:.85rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow)}
.empty{padding:1.1rem 1.25rem;color:var(--soft)}
.rows>li{display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem;align-items:baseline;padding:.95rem 1.25rem}
.rows>li+li{border-top:1px solid var(--line)}
.rows .name{font-weight:560}
.rows .meta{color:var(--soft);font-size:.875rem;grid-column:1/-1}
.state{display:inline-flex;align-items:center;gap:.5rem;color:var(--c);font-size:.9rem;font-weight:560;white-space:nowrap}
.state::before{content:"";width:.6rem;height:.6rem;border-radius:50%;background:var(--c);flex:none}
.state.is-maintenance::before{border-radius:2px}
.state.is-verifying::before{background:none;border:2.5px solid var(--c)}
.state.is-attention::before{border-radius:1px;transform:rotate(45deg)}
.state.is-unknown::before{background:none;border:2px dashed var(--c)}
.run{padding:1.35rem 1.25rem 1.4rem}
.run+.run{margin-top:1rem}
.run header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;justify-content:space-between;align-items:baseline}
.run h3{font-size:1.0625rem;font-weight:620;letter-spacing:-.01em}
.steps{display:grid;grid-template-columns:repeat(7,1fr);gap:5px;margin-top:1.15rem}
.steps li{font-size:.75rem;color:var(--soft);padding-top:.5rem;border-top:5px solid var(--track);line-height:1.25;min-width:0}
.steps .done{border-color:var(--operational)}
.steps .at{border-color:var(--c);color:var(--ink);font-weight:620}
.steps b{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.run .says{margin-top:1rem}
.run .meta,.past .meta{color:var(--soft);font-size:.875rem;margin-top:.3rem}
.run .silent{color:var(--attention);font-weight:560}
.plan>li{display:grid;grid-template-columns:auto 1fr;gap:1.1rem;align-items:center;padding:.9rem 1.25rem}
.plan>li+li{border-top:1px solid var(--line)}
.date{width:3.1rem;text-align:center;border:1px solid var(--line);border-radius:10px;padding:.3rem 0 .35rem;line-height:1.15;background:var(--bg)}
.date .month{display:block;font-size:.7rem;font-weight:620;color:var(--soft);text-transform:uppercase;letter-spacing:.05em}
.date .day{font-size:1.25rem;font-weight:660;letter-spacing:-.02em}
.plan .name{font-weight:560}
.plan .meta{color:var(--soft);font-size:.875rem}
.past{position:relative;padding-left:1.6rem}
.past::before{content:"";position:absolute;left:.3rem;top:.7rem;bottom:1.2rem;width:1px;background:var(--line)}
.past>li{position:relative;padding-bottom:1.6rem;max-width:40rem}
.past>li::before{content:"";position:absolute;left:-1.6rem;top:.44rem;width:.66rem;height:.66rem;border-radius:50%;background:var(--c);box-shadow:0 0 0 4px var(--bg)}
.past :is(h2,h3){color:var(--c);font-size:1rem;font-weight:600;margin:0}
.past ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin-top:.3rem;font-size:.875rem}
.past ul li{color:var(--soft)}
.past ul b{color:var(--ink);font-weight:560}
.more{font-size:.9rem;margin-top:.4rem}
footer{margin-top:clamp(3rem,8vw,4.5rem);padding:0 0 3rem;color:var(--soft);font-size:.875rem}
footer::before{content:"";display:block;height:16px;margin-bottom:1.5rem;opacity:.5;background:repeating-conic-gradient(var(--line) 0 25%,transparent 0 50%) 0 0/16px 16px}
footer p+p{margin-top:.3rem}
@media(max-width:35rem){.steps li{font-size:0;padding-top:0}.rows>li{grid-template-columns:1fr}.links{gap:1rem}.plan .name{font-size:.95rem}}
@media(prefers-reduced-motion:no-preference){.is-live .icon{animation:breathe 2.4s ease-in-out infinite}@keyframes breathe{50%{opacity:.45}}}
@media print{.links,.skip{display:none}.card{box-shadow:none}}
`
