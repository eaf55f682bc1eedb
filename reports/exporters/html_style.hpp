// The page's looks: readable on a phone, on paper (A4) and in black and white; every colour has a word beside it. Text
// against background is at least 4.5:1. The language switch is two radio buttons and these rules; nothing is scripted.
#pragma once

#include <string_view>

namespace geomsu::html {

inline constexpr std::string_view kStyle = R"css(
:root{--ink:#16202a;--soft:#4a5763;--line:#cfd6dd;--paper:#fff;--shade:#f4f6f8;--link:#0b4f8a;
--pass:#0b6b3a;--fail:#a4161a;--open:#7a4b00;--invalid:#5b2a86;--missing:#3d4852;--none:#4a5763}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#e9edf1;color:var(--ink);font:16px/1.6 "Noto Sans KR","Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic","맑은 고딕",system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;word-break:keep-all;overflow-wrap:break-word}
#ko:checked~main [lang=en],#en:checked~main [lang=ko],#ko:checked~header [lang=en],#en:checked~header [lang=ko]{display:none}
.switch{position:absolute;opacity:0}
header.bar{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;max-width:72rem;margin:0 auto;padding:1rem 1.5rem .25rem}
header.bar h1{font-size:1.15rem;margin:0;font-weight:700}
.languages{display:inline-flex;border:1px solid var(--soft);border-radius:.4rem;overflow:hidden;background:var(--paper)}
.languages label{padding:.25rem .8rem;cursor:pointer;font-size:.9rem}
#ko:checked~header label[for=ko],#en:checked~header label[for=en]{background:var(--ink);color:#fff}
#ko:focus-visible~header label[for=ko],#en:focus-visible~header label[for=en]{outline:3px solid var(--link);outline-offset:-3px}
main{max-width:72rem;margin:0 auto;padding:.5rem 1.5rem 3rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem 1.4rem 1.3rem;margin:1rem 0}
h2{font-size:1.2rem;margin:.1rem 0 .8rem;letter-spacing:-.01em}
h3{font-size:1rem;margin:1.4rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:.6rem 0 0;padding:0;font-size:.92rem}
.verdict{border-radius:.6rem;color:#fff;padding:1.3rem 1.5rem;margin:.6rem 0 1rem}
.verdict .word{font-size:2.3rem;line-height:1.2;font-weight:800;letter-spacing:-.02em;margin:0}
.verdict p{max-width:none;margin:.35rem 0 0;font-size:1.08rem}
.verdict.pass{background:var(--pass)}.verdict.fail{background:var(--fail)}.verdict.open{background:var(--open)}
.verdict.invalid{background:var(--invalid)}.verdict.missing{background:var(--missing)}.verdict.none{background:var(--none)}
.banner{max-width:none;border:2px solid var(--invalid);border-left-width:.6rem;border-radius:.4rem;padding:.5rem .9rem;margin:.6rem 0;background:#faf6fd}
.banner.plain{border-color:var(--open);background:#fdf8ef}
.banner strong{margin-right:.5rem}
.watermark{position:fixed;inset:0;display:flex;align-items:center;justify-content:center;pointer-events:none;z-index:5;overflow:hidden}
.watermark span{font-size:min(10vw,8rem);font-weight:800;letter-spacing:.05em;color:#5b2a86;opacity:.09;transform:rotate(-28deg);white-space:nowrap}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.1rem 1.6rem;margin:.6rem 0}
.facts div{border-bottom:1px solid var(--line);padding:.35rem 0}
dt{font-size:.86em;color:var(--soft)}
dd{margin:0}
.scroll{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-size:.92em;color:var(--soft);padding:0 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--ink);font-size:.92em;vertical-align:bottom;white-space:normal}
tbody th{font-weight:600}
.number{text-align:right}
td.number,tbody th.number{white-space:nowrap}
tbody th code{white-space:nowrap}table.cards th code{white-space:normal;overflow-wrap:anywhere}
.wrap{white-space:normal}.whole{white-space:nowrap}tbody th .soft{font-weight:400}
tr.fail>th,tr.invalid>th,tr.open>th,tr.missing>th,tr.pass>th{border-left:.35rem solid transparent}
tr.pass>th{border-left-color:var(--pass)}tr.fail>th{border-left-color:var(--fail)}tr.open>th{border-left-color:var(--open)}
tr.invalid>th{border-left-color:var(--invalid)}tr.missing>th{border-left-color:var(--missing)}
tr.wide td{background:var(--shade)}
.badge{display:inline-block;color:#fff;border-radius:.3rem;padding:.05rem .5rem;font-size:.92em;white-space:nowrap}
.badge.pass{background:var(--pass)}.badge.fail{background:var(--fail)}.badge.open{background:var(--open)}
.badge.invalid{background:var(--invalid)}.badge.missing{background:var(--missing)}.badge.none{background:var(--none)}
.soft{color:var(--soft);font-size:.9em;display:block;overflow-wrap:anywhere}
code{font:.86em/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--shade);border-radius:.25rem;padding:.05rem .3rem}
td code,dd code{overflow-wrap:anywhere}
th .soft{min-width:5rem}td .soft{min-width:6rem;white-space:normal}td .long{min-width:11rem}
.failing h4 .soft{display:inline}
.command code{display:block;padding:.4rem .6rem;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere}
.failing{border:1px solid var(--line);border-left:.35rem solid var(--missing);border-radius:.3rem;padding:.6rem .9rem;margin:.7rem 0}
.failing.fail{border-left-color:var(--fail)}.failing.open{border-left-color:var(--open)}.failing.invalid{border-left-color:var(--invalid)}
.failing h4{margin:0 0 .3rem;font-size:1rem}
.failing dl{display:grid;grid-template-columns:5.5rem 1fr;gap:.2rem .8rem;margin:0}
.banner.lot{border-color:var(--ink);background:var(--shade)}.banner.lot.rejected{border-color:var(--fail)}
.banner.lot.undecided{border-color:var(--open)}
.full .facts{grid-template-columns:1fr}
.narrow{max-width:40rem}
figure.chart{margin:.8rem 0;max-width:36rem}
figure.chart svg{display:block;width:100%;height:auto}
figcaption{color:var(--soft);font-size:.88rem}
svg text{font-size:12px;fill:var(--soft)}
svg .grid{stroke:var(--line)}svg .axis,svg .whole{stroke:var(--soft)}
svg .limit{stroke:var(--fail);stroke-dasharray:4 3}
svg .curve{fill:none;stroke:var(--link);stroke-width:2}svg .dot{fill:var(--link)}
svg .mark{fill:none;stroke:var(--fail);stroke-width:1.8}
svg .band{fill:var(--link);fill-opacity:.35}svg .median{stroke:var(--ink);stroke-width:2.5}
svg.strip{display:block;width:12.5rem;max-width:100%;height:auto}
.sign td{height:3.2rem;min-width:6rem}
.title{display:none}
ul{margin:.4rem 0;padding-left:1.2rem}
@media (max-width:46rem){
main,header.bar{padding-left:.6rem;padding-right:.6rem}
section{padding:.9rem .8rem}
.verdict .word{font-size:1.8rem}
.failing dl{grid-template-columns:1fr}
table.cards thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
table.cards,table.cards tbody,table.cards tr,table.cards th,table.cards td,table.cards caption{display:block}
table.cards tr{border:1px solid var(--line);border-radius:.4rem;margin:.7rem 0;overflow:hidden}
table.cards td{display:grid;grid-template-columns:8.5rem 1fr;gap:.5rem;text-align:left}
table.cards td.number{white-space:normal}
table.cards tr>*:last-child{border-bottom:0}
table.cards th[scope=row]{background:var(--shade)}
.title{display:block;color:var(--soft);font-size:.92em}
}
@page{size:A4;margin:13mm 12mm}
@media print{
body{background:#fff;font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.watermark span{opacity:.16}
main,header.bar{max-width:none;padding:0}
.languages,nav{display:none}
section{border:0;border-top:1px solid var(--line);border-radius:0;padding:.6rem 0;margin:.4rem 0}
tr,.failing,.verdict,.banner{break-inside:avoid}
h2,h3,caption{break-after:avoid}
thead{display:table-header-group}
.scroll{overflow:visible}
table{font-size:8.2pt}
th,td{padding:.25rem .35rem}
}
)css";

}  // namespace geomsu::html
