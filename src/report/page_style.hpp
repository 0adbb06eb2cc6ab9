// The look of a page, and the few lines of script that sort its tables.
#pragma once

namespace stac::report {

inline constexpr const char* kPageStyle = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:760px;overflow-wrap:anywhere;margin:0 auto;padding:24px 20px 48px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .6rem}h2{font-size:1.25rem;margin:2.4rem 0 .6rem}
h3{font-size:1rem;margin:0 0 .4rem}
.summary{font-size:1.08rem;background:var(--panel);border-left:4px solid #0072b2;padding:12px 16px;margin:0}
figure{margin:1.4rem 0;break-inside:avoid}figcaption{color:var(--faint);font-size:.85rem;margin-top:.3rem}
.wide{overflow-x:auto;-webkit-overflow-scrolling:touch;
background:linear-gradient(to right,var(--paper) 40%,transparent) 0 0/36px 100% no-repeat local,
linear-gradient(to left,var(--paper) 40%,transparent) 100% 0/36px 100% no-repeat local,
linear-gradient(to right,var(--edge),transparent) 0 0/12px 100% no-repeat scroll,
linear-gradient(to left,var(--edge),transparent) 100% 0/12px 100% no-repeat scroll}
svg{display:block;max-width:100%;min-width:600px;height:auto}
table{border-collapse:collapse;overflow-wrap:normal;font-size:.85rem;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--grid);vertical-align:top}
td{white-space:nowrap}th:first-child{text-align:left;font-weight:500}thead th{font-weight:600;cursor:pointer;color:var(--ink)}
thead th[aria-sort=ascending]::after{content:" \25b2"}thead th[aria-sort=descending]::after{content:" \25bc"}
details{margin:1rem 0}summary{cursor:pointer;font-weight:600}
footer{margin-top:3rem;color:var(--faint);font-size:.85rem}
@media (max-width:480px){main{padding:16px 12px}body{font-size:15px}th,td{padding:4px 7px}}
@media print{:root{--ink:#000;--faint:#444;--grid:#ccc;--paper:#fff;--panel:#f4f4f4}
main{max-width:none;padding:0}.wide{overflow:visible;background:none}svg{min-width:0}h2{break-after:avoid}}
)css";

inline constexpr const char* kPageScript = R"js(
function key(cell){var t=cell.textContent.trim(),n=parseFloat(t.replace(/,/g,""));return isNaN(n)?t:n}
function sort(head){var table=head.closest("table"),body=table.tBodies[0],column=head.cellIndex,
down=head.getAttribute("aria-sort")!=="descending";
table.querySelectorAll("thead th").forEach(function(other){other.removeAttribute("aria-sort")});
head.setAttribute("aria-sort",down?"descending":"ascending");
Array.from(body.rows).sort(function(a,b){var x=key(a.cells[column]),y=key(b.cells[column]),
order=typeof x==="number"&&typeof y==="number"?x-y:String(x).localeCompare(String(y));return down?-order:order})
.forEach(function(row){body.appendChild(row)})}
document.querySelectorAll("thead th").forEach(function(head){
head.addEventListener("click",function(){sort(head)});
head.addEventListener("keydown",function(event){if(event.key==="Enter")sort(head)})});
addEventListener("beforeprint",function(){document.querySelectorAll("details").forEach(function(d){d.open=true})});
)js";

}  // namespace stac::report
