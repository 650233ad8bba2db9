// The way out: the page is blank at once, and is no entry of the tab's history. Without scripts it is a link.
function leave() {
  document.title = "";
  document.documentElement.replaceChildren();
  location.replace("about:blank");
}

document.getElementById("leave").addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

let taps = [];
document.addEventListener("keydown", ({ key, repeat, timeStamp }) => {
  taps = key === "Escape" && !repeat ? [...taps.filter((at) => timeStamp - at < 3000), timeStamp] : [];
  if (taps.length >= 3) leave();
});

// Whom the link names stays in the browser; the page behind the link checks it.
const page = document.getElementById("page");
if (page) page.hash = location.hash;
