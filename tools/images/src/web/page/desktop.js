import RFB from "./novnc/core/rfb.js";

const screen = document.getElementById("screen");
const status = document.getElementById("status");
const clipboard = document.body.dataset.clipboard.split(" ");
const longestPauseMs = 5000;

/** What the server closes with when no desktop will come back here (`ended` of bridge.ts). */
const ended = 4001;

let rfb;
connect(500);

/** Connects, and again after a pause that grows: a desktop may still be starting, or be on its way back. */
function connect(pauseMs) {
  const address = new URL("socket", location.href);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  rfb = new RFB(screen, socket, { shared: true });
  rfb.scaleViewport = true;
  rfb.resizeSession = true;
  rfb.qualityLevel = 9;
  rfb.compressionLevel = 1;
  rfb.background = "#202428";
  let nextPauseMs = Math.min(pauseMs * 2, longestPauseMs);
  rfb.addEventListener("connect", () => {
    status.textContent = "";
    document.body.dataset.connected = "";
    nextPauseMs = 500;
    rfb.focus();
  });
  socket.addEventListener("close", ({ code, reason }) => {
    delete document.body.dataset.connected;
    if (code === ended) return sayEnded(reason);
    status.textContent = "The desktop does not answer; trying again…";
    setTimeout(connect, pauseMs, nextPauseMs);
  });
  if (clipboard.includes("out")) {
    rfb.addEventListener("clipboard", ({ detail }) => navigator.clipboard.writeText(detail.text));
  }
}

function sayEnded(reason) {
  status.textContent = "";
  document.getElementById("how").textContent = reason;
  document.getElementById("ended").hidden = false;
}

// A file that is dropped would be opened in the desktop's place.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  document.getElementById("files").hidden = false;
});
document.getElementById("close-files").addEventListener("click", () => {
  document.getElementById("files").hidden = true;
});

let held = { control: false, shift: false };

/** The browser hands out its clipboard only with its own paste, so noVNC must not swallow those keys. */
addEventListener(
  "keydown",
  (event) => {
    held = { control: event.ctrlKey, shift: event.shiftKey };
    const pastes = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "v";
    if (pastes && clipboard.includes("in")) event.stopImmediatePropagation();
  },
  true,
);

addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (text === "" || !clipboard.includes("in")) return;
  rfb.clipboardPasteFrom(text);
  pressPaste();
});

/** What the desktop's programs take for pasting, whatever this computer's keys for it are. */
function pressPaste() {
  const control = [0xffe3, "ControlLeft"];
  const key = [held.shift ? 0x56 : 0x76, "KeyV"];
  if (!held.control) rfb.sendKey(...control, true);
  rfb.sendKey(...key, true);
  rfb.sendKey(...key, false);
  if (!held.control) rfb.sendKey(...control, false);
}
