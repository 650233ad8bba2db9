// Keeps the desk's pages alive: swaps what changed, keeps what is being written, knows the keys, locks at once.
// Every page works without it.
'use strict';

const LETTERS = { KeyB: 'b', KeyJ: 'j', KeyK: 'k', KeyN: 'n', KeyR: 'r' };
// What stands on those keys in Ukrainian and Russian: browsers that hide the keyboard tell no places.
const CYRILLIC = { 'и': 'b', 'о': 'j', 'л': 'k', 'т': 'n', 'к': 'r' };
const DOUBLE_MS = 1000;
const RETRY_MS = 5000;
const AWAY = 'The desk program does not answer. What you see may be old; what you are writing is kept on this page.';
const CLOSED = 'The desk program was started anew and does not know this browser. Copy what you are writing, then open the new link that it printed.';
const GONE = 'The desk program was started anew, and this page has another address now. Copy what you are writing, go to the board and open the call again.';

const TOO_LONG = 'None of that was put in: it is far longer than an answer can be. What stood here is unchanged.';
const PILED = 'None of that was put in: it has more marks on one letter than any language. What stood here is unchanged.';
// Marks, joiners and skin tones on one character: browsers take the square of their number.
const PILE = /[\p{M}\u200c\u200d\u{1f3fb}-\u{1f3ff}]{31}/u;
// Browsers' own editing takes minutes for some thousand lines at once, so the page puts more than this in by itself.
const LINES_MAX = 50;

const byId = (id) => document.getElementById(id);
const form = byId('reply-form');
const draft = byId('reply');
const working = byId('health') !== null;
const tabs = new BroadcastChannel('callsign-desk');

let leaving = false;
let sending = false;
let refreshing = false;
let again = false;
let waitingPage = null;
let lastEscape = -DOUBLE_MS;

// --- Locking -------------------------------------------------------------------------------------------------------

function blank() {
  leaving = true;
  if (draft) draft.value = '';
  if (byId('query')) byId('query').value = '';
  document.title = 'Locked';
  document.body.replaceChildren();
}

function lockNow() {
  blank();
  tabs.postMessage('locked');
  const settled = () => location.replace('/unlock');
  // Where the desk program does not answer, the page stays blank.
  fetch('/lock', { method: 'POST', keepalive: true }).then(settled, () => {});
}

function heard(event) {
  if (event === 'locked') {
    blank();
    location.replace('/unlock');
  } else if (event === 'changed') {
    refresh();
  } else if (!leaving) {
    setNote(event === 'away' ? AWAY : '');
  }
}

// --- Staying up to date --------------------------------------------------------------------------------------------

// One tab listens for all: browsers allow six connections to one address, and each open tab would take one.
function lead() {
  const listening = navigator.locks.request('callsign-desk-events', () => new Promise(listen));
  listening.then(() => setTimeout(lead, RETRY_MS));
}

function listen(end) {
  const events = new EventSource('/events');
  const tell = (event) => {
    tabs.postMessage(event);
    heard(event);
  };
  events.addEventListener('changed', () => tell('changed'));
  events.addEventListener('locked', () => tell('locked'));
  events.onopen = () => tell('here');
  events.onerror = () => {
    tell('away');
    if (events.readyState !== EventSource.CLOSED) return;
    // Refused for good; the page that is fetched now says why, and another tab may be let in later.
    tell('changed');
    end();
  };
}

function setNote(sentence) {
  const shown = byId('note');
  if (shown?.textContent === sentence) return;
  shown?.remove();
  if (sentence === '') return;
  const note = document.createElement('p');
  note.id = 'note';
  note.className = 'trouble';
  note.setAttribute('role', 'status');
  note.textContent = sentence;
  byId('main').before(note);
}

async function refresh() {
  again = true;
  if (refreshing || leaving) return;
  refreshing = true;
  while (again && !leaving) {
    again = false;
    try {
      await fetchPage();
    } catch {
      // The listener says that the desk program is away, and calls again once it is back.
    }
  }
  refreshing = false;
}

async function fetchPage() {
  const response = await fetch(location.pathname + location.search);
  if (isLocked(response)) return heard('locked');
  if (response.status === 403) return setNote(CLOSED);
  if (response.status === 404) return setNote(GONE);
  if (response.ok) show(parse(await response.text()));
}

const isLocked = (response) => response.redirected && new URL(response.url).pathname === '/unlock';
const parse = (html) => new DOMParser().parseFromString(html, 'text/html');

function show(page) {
  if (leaving) return;
  // Swapping under a selection would lose it: the page waits until it is gone.
  if (holdsSelection()) {
    waitingPage = page;
    return;
  }
  waitingPage = null;
  announce(page);
  document.title = page.title;
  for (const old of document.querySelectorAll('[data-live]')) {
    const fresh = page.getElementById(old.id);
    if (fresh && !old.isEqualNode(fresh)) swap(old, fresh);
  }
}

function holdsSelection() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) return false;
  const at = selection.anchorNode;
  const element = at instanceof Element ? at : at?.parentElement;
  return element?.closest('[data-live]') != null;
}

function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest('[data-key]')?.dataset.key;
  const id = focused?.id;
  for (const name of fresh.getAttributeNames()) old.setAttribute(name, fresh.getAttribute(name));
  if ('keyed' in old.dataset) swapKeyed(old, fresh);
  else old.replaceChildren(...fresh.childNodes);
  if (!focused || old.contains(document.activeElement)) return;
  const row = key && old.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const target = (id && byId(id)) || row?.querySelector('a, button') || old.querySelector('a, button') || byId('main');
  target.focus({ preventScroll: true });
}

// Rows that did not change stay the nodes they were, and so keep focus and place.
function swapKeyed(old, fresh) {
  const known = new Map([...old.children].map((row) => [row.dataset.key, row]));
  let place = old.firstElementChild;
  for (const row of [...fresh.children]) {
    const before = known.get(row.dataset.key);
    known.delete(row.dataset.key);
    const kept = before?.isEqualNode(row) ? before : row;
    if (kept === place) {
      place = place.nextElementSibling;
    } else {
      if (before && before === place) place = place.nextElementSibling;
      if (before && before !== kept) before.remove();
      old.insertBefore(kept, place);
    }
  }
  for (const gone of known.values()) gone.remove();
}

function announce(page) {
  const [was, is] = [document, page].map((one) => Number(one.getElementById('next-place')?.dataset.messages));
  if (!(is > was)) return;
  const waiting = page.getElementById('next-place').dataset.waiting;
  const unread = page.querySelector('[data-key="unread"]') && !document.querySelector('[data-key="unread"]');
  const where = unread ? ' One is from this caller.' : '';
  byId('announce').textContent = `${is - was === 1 ? 'A new message' : `${is - was} new messages`}.${where} Waiting: ${waiting}.`;
}

// --- Writing -------------------------------------------------------------------------------------------------------

// The protocol's own measure: bytes inside a JSON string, parts filled from the front.
function measure(text, partBytes) {
  let [bytes, parts, used] = [0, text === '' ? 0 : 1, 0];
  for (const character of text) {
    const add = escapedLength(character.codePointAt(0));
    if (used + add > partBytes) [parts, used] = [parts + 1, 0];
    used += add;
    bytes += add;
  }
  return { bytes, parts };
}

function escapedLength(code) {
  if ([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x22, 0x5c].includes(code)) return 2;
  if (code < 0x20) return 6;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function countDraft() {
  const partBytes = Number(form.dataset.partBytes);
  const partsMax = Number(form.dataset.partsMax);
  const { bytes, parts } = measure(draft.value, partBytes);
  const number = (n) => n.toLocaleString('en');
  const count = byId('reply-count');
  count.textContent = `${number(bytes)} of ${number(partBytes * partsMax)} bytes, ${parts} of ${partsMax} parts`;
  count.classList.toggle('over', parts > partsMax);
  if (parts > partsMax) count.textContent += ': too long. Send it as several answers.';
}

// What the page could not lay out in time is refused before it stands there.
function keepBounded(event) {
  const put = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
  if (put === '' || !event.cancelable) return;
  const { value, selectionStart, selectionEnd } = draft;
  const refused = whyRefused(value.slice(0, selectionStart) + put + value.slice(selectionEnd));
  if (refused) {
    act(event, () => setProblem(refused));
  } else if (event.inputType !== 'insertFromDrop' && put.split('\n').length > LINES_MAX) {
    act(event, () => draft.setRangeText(put, selectionStart, selectionEnd, 'end'));
    countDraft();
  }
}

function whyRefused(text) {
  const { partBytes, partsMax } = form.dataset;
  if (text.length > 2 * partBytes * partsMax) return TOO_LONG;
  return PILE.test(text) ? PILED : '';
}

function setProblem(sentence) {
  const problem = document.createElement('p');
  problem.className = 'problem';
  problem.textContent = sentence;
  byId('problems').replaceChildren(problem);
}

// Sent from here, a text survives a desk program that is away; a page that the browser loads instead would lose it.
async function send(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  const button = event.submitter;
  const opening = button?.id === 'open';
  const body = new URLSearchParams(new FormData(form));
  // Browsers before 2023 leave the button out, and with it the choice how the answer leaves.
  if (button?.name) body.set(button.name, button.value);
  const target = button?.hasAttribute('formaction') ? button.formAction : form.action;
  form.setAttribute('aria-busy', 'true');
  if (draft) draft.readOnly = !opening;
  try {
    const response = await fetch(target, { method: 'POST', body });
    take(response, parse(await response.text()), opening);
  } catch {
    setProblem('Nothing was heard from the desk program. Your text is still here. Look whether it runs, then send again; an answer that was taken already is not taken twice.');
  }
  if (draft) draft.readOnly = false;
  form.removeAttribute('aria-busy');
  sending = false;
}

function take(response, page, opening) {
  // It was taken, and somebody has locked the desk since.
  if (isLocked(response)) return heard('locked');
  const problem = page.querySelector('#problems .problem');
  if (!page.getElementById('reply-form')) {
    const why = page.querySelector('.problem')?.textContent ?? `The desk program answered ${response.status}.`;
    return setProblem(`${why} Your text is still here.`);
  }
  form.elements.once.value = page.querySelector('[name=once]').value;
  for (const id of ['problems', 'said']) byId(id).replaceChildren(...page.getElementById(id).childNodes);
  if (response.ok && !problem && !opening && draft) draft.value = '';
  if (draft) countDraft();
  show(page);
  if (opening) [...document.querySelectorAll('.from-caller')].at(-1)?.focus();
}

// --- Searching -----------------------------------------------------------------------------------------------------

// Found from here, the page is not loaded anew under who goes on typing.
async function search(event) {
  event.preventDefault();
  const searching = byId('search-form');
  searching.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch('/search', { method: 'POST', body: new URLSearchParams(new FormData(searching)) });
    const page = parse(await response.text());
    if (isLocked(response)) return heard('locked');
    const results = page.getElementById('results');
    if (results) byId('results').replaceChildren(...results.childNodes);
    else tellSearch(page.querySelector('h1')?.textContent ?? `The desk program answered ${response.status}.`);
  } catch {
    tellSearch('Nothing was heard from the desk program. Look whether it runs, then search again.');
  } finally {
    searching.removeAttribute('aria-busy');
  }
  byId('announce').textContent = byId('results').firstElementChild?.textContent ?? '';
}

function tellSearch(sentence) {
  const problem = document.createElement('p');
  problem.className = 'problem';
  problem.textContent = sentence;
  byId('results').replaceChildren(problem);
}

// --- Keys ----------------------------------------------------------------------------------------------------------

function isTyping(target) {
  return target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null;
}

function onKey(event) {
  if (event.isComposing || event.repeat && event.key === 'Escape') return;
  if (event.key === 'Escape') return onEscape(event);
  if (event.key === 'Enter' && event.ctrlKey && event.target === draft) {
    event.preventDefault();
    form.requestSubmit(byId('send'));
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') return onArrow(event);
  if (!byId('letters')?.checked) return;
  // On a Cyrillic keyboard the same keys work by their place.
  const typed = event.key.toLowerCase();
  const letter = /^[a-z]$/.test(typed) ? typed : (LETTERS[event.code] ?? CYRILLIC[typed]);
  if (event.key === '?') act(event, toggleHelp);
  else if (letter === 'j') act(event, () => move(1));
  else if (letter === 'k') act(event, () => move(-1));
  else if (letter === 'n') act(event, () => byId('next')?.click());
  else if (letter === 'b') act(event, () => byId('to-board')?.click());
  // A Cyrillic keyboard has its full stop where others have the slash.
  else if (event.key === '/' || event.code === 'Slash' && event.key === '.') act(event, goSearch);
  else if (letter === 'r' && draft) act(event, () => draft.focus());
  // On the page of a call its own, elsewhere all.
  else if (letter === 'f') act(event, () => (byId('follow-ups') ?? byId('to-follow-ups'))?.click());
}

function act(event, action) {
  event.preventDefault();
  action();
}

function onEscape(event) {
  if (event.timeStamp - lastEscape < DOUBLE_MS) return lockNow();
  lastEscape = event.timeStamp;
  const help = byId('help');
  if (help?.open) {
    help.open = false;
    help.querySelector('summary').focus();
  }
}

function onArrow(event) {
  const links = document.querySelectorAll('#results .cases a');
  if (event.key === 'ArrowUp' && links.length > 0 && document.activeElement === links[0]) return act(event, goSearch);
  if (document.activeElement?.closest('.cases')) act(event, () => move(event.key === 'ArrowDown' ? 1 : -1));
}

function move(step) {
  const links = [...document.querySelectorAll('#board .cases a, #board .pages a, #results .cases a')];
  const at = links.indexOf(document.activeElement);
  const next = at < 0 && step < 0 ? links.length - 1 : at + step;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

// From what is typed, Down goes to what was found, and from the first of that, Up goes back.
function leaveQuery(event) {
  if (event.key !== 'ArrowDown' || event.isComposing) return;
  const first = document.querySelector('#results .cases a');
  if (first) act(event, () => first.focus());
}

function goSearch() {
  const query = byId('query');
  if (!query) return byId('to-search')?.click();
  query.focus();
  query.select();
}

function toggleHelp() {
  const help = byId('help');
  help.open = !help.open;
  if (help.open) help.querySelector('summary').focus();
}

// --- Start ---------------------------------------------------------------------------------------------------------

if (working) {
  addEventListener('keydown', onKey, true);
  byId('lock-form').addEventListener('submit', (event) => act(event, lockNow));
  tabs.onmessage = (event) => heard(event.data);
  lead();
  document.addEventListener('selectionchange', () => {
    if (waitingPage && !holdsSelection()) show(waitingPage);
  });
  // A page that the browser kept may be one that was locked since.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
}
if (byId('search-form')) {
  byId('search-form').addEventListener('submit', search);
  byId('query').addEventListener('keydown', leaveQuery);
  // What stands there from before is overwritten by typing.
  byId('query').select();
}
if (form) {
  form.addEventListener('submit', send);
  // What was said belongs to one moment: a reload must not say it again.
  if (location.search.includes('said=')) history.replaceState(null, '', location.pathname);
}
if (draft) {
  draft.addEventListener('beforeinput', keepBounded);
  draft.addEventListener('input', () => {
    if ([TOO_LONG, PILED].includes(byId('problems').textContent)) byId('problems').replaceChildren();
    countDraft();
  });
  countDraft();
  addEventListener('beforeunload', (event) => {
    if (draft.value !== '' && !leaving) event.preventDefault();
  });
}
