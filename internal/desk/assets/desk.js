// The desk without this module is plain forms. With it, forms marked data-quick change the page in place, so that a
// scanner may type on while the page changes: no character is lost, and what was scanned is done one after the other, in
// the order in which it came. form[data-scan] takes items; the form that leads to /desk/find takes patrons.

const main = () => document.getElementById("main");
const itemForm = () => main().querySelector("form[data-scan]");
const takesPatrons = (form) => form.getAttribute("action") === "/desk/find";

// scanField is where a form is scanned into, and field where a scanner types on this page.
const scanField = (form) => form.querySelector("input[autofocus], #scan");
const field = () => main().querySelector("form:is([data-scan], [role=search]) input[autofocus]") || document.getElementById("scan");

// waiting are the tasks, of which the first is being done while busy. A task is either a form as it was sent or the barcode
// of an item, for the page that is there when its turn comes. Its text is what was scanned, or what the button says.
const waiting = [];
let busy = false;

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  const quick = form.matches("[data-quick]") && !(takesPatrons(form) && unsaved());
  if (!quick && !form.matches("[data-again]")) return guard(event);
  event.preventDefault();
  const task = quick && taskOf(form, event.submitter);
  if (task) waiting.push(task);
  if (task || !quick) work();
});

// taskOf is what a form asks for, if anything. What is scanned right after a patron is an item for them, though their page
// is not there yet.
function taskOf(form, submitter) {
  const scanned = scanField(form);
  const data = new FormData(form, submitter);
  if (!scanned) {
    return waiting.some((task) => task.form === form) ? null : { text: submitter?.textContent.trim() ?? "", form, data };
  }
  const text = scanned.value.trim();
  scanned.value = "";
  scanned.focus();
  if (!text) return null;
  const behindPatron = takesPatrons(form) && waiting.some((task) => task.form && takesPatrons(task.form));
  return form.matches("[data-scan]") || behindPatron ? { text, item: text, once: crypto.getRandomValues(new Uint32Array(4)).join("-") } : { text, form, data };
}

// work does what is waiting. A task that was not looked at stays, with all that came after it, and is tried again when
// somebody says so or scans the next; its key keeps it from being done twice.
async function work() {
  if (busy) return;
  busy = true;
  let held = false;
  try {
    while (waiting.length && !held) {
      main().setAttribute("aria-busy", "true");
      const [task] = waiting;
      const reply = await send(task);
      document.querySelectorAll("[data-unsent]").forEach((notice) => notice.remove());
      held = !tells(task, reply);
      if (held) hold(task, reply);
      else show(waiting.shift(), reply);
    }
  } finally {
    busy = false;
    main().removeAttribute("aria-busy");
  }
  if (leaving && !waiting.length) location.assign(leaving);
  leaving = "";
}

// send carries out a task. The reply is empty where the library did not answer with a page, and where the page that is
// there takes no items.
async function send(task) {
  if (task.item && !task.form) {
    task.form = itemForm();
    if (!task.form) return {};
    task.data = new FormData(task.form);
    task.data.set(scanField(task.form).name, task.item);
    task.data.set("once", task.once);
  }
  const url = new URL(task.form.getAttribute("action"), location.href);
  const method = task.form.getAttribute("method");
  const data = new URLSearchParams(task.data);
  if (method === "get") url.search = data;
  try {
    const answer = await fetch(url, {
      method, body: method === "get" ? undefined : data, headers: { Accept: "text/html" }, signal: AbortSignal.timeout(35000),
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById("main") ? { answer, page } : {};
  } catch {
    return {};
  }
}

// tells reports whether a page tells what became of the task, and not that the library did not look at it.
function tells(task, { answer, page }) {
  if (!page || answer.status === 401 || answer.status === 429 || answer.status >= 500) return false;
  return answer.ok || answer.status === 422 || !task.item;
}

// hold tells what is waiting, and why. What was scanned for a patron who was not found is for nobody else.
function hold(task, { page }) {
  const notice = document.getElementById("unsent").content.firstElementChild.cloneNode(true);
  const forNobody = !task.form;
  const why = notice.querySelector(forNobody ? "[data-nobody]" : "[data-offline]");
  if (page) {
    const heading = document.createElement("h2");
    heading.textContent = page.querySelector("h1").textContent;
    why.replaceWith(heading, ...page.querySelectorAll("main p:not(:has(a)), main a[target]"));
  }
  notice.querySelectorAll("[data-nobody], [data-offline]").forEach((p) => p === why || p.remove());
  for (const { text } of waiting) notice.querySelector("ul").append(Object.assign(document.createElement("li"), { textContent: text }));
  if (forNobody) {
    notice.querySelector("form").remove();
    waiting.length = 0;
  }
  leaving = "";
  (itemForm() || main().firstElementChild).before(notice);
  if (document.activeElement === document.body) field()?.focus();
}

// show puts the page that came of a task in the place of this one. What was typed meanwhile goes on in its field, and what
// was refused before stays to be seen.
function show(task, { answer, page }) {
  const sent = task.form;
  const url = answer.redirected || sent.getAttribute("method") === "get" ? answer.url : location.href;
  const took = itemForm()?.getAttribute("action");
  const refused = [...main().querySelectorAll("[data-keep]")].filter((box) => !box.contains(sent) && !box.dataset.keep.split(" ").includes(task.item));
  const typed = typedIn(sent);
  hush(page);
  document.title = page.title;
  for (const part of ["header.bar", "#main"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (old && fresh) old.replaceWith(fresh);
    else if (old) old.remove();
    else if (fresh) main().before(fresh);
  }
  if (took && itemForm()?.getAttribute("action") === took) keep(refused);
  prepare();
  goOn(typed, sent);
  const moved = url !== location.href;
  if (moved) {
    history.pushState(null, "", url);
    at = here();
    scrollTo(0, 0);
  }
  if (!answer.ok) leaving = "";
  const said = main().querySelector("[data-said]:not([role=alert])");
  document.getElementById("live").textContent = said ? said.innerText : moved ? document.title : "";
}

// hush keeps the warnings of the patron's card from being read aloud again with every page.
function hush(page) {
  const before = [...main().querySelectorAll("aside [role=alert]")].map((alert) => alert.textContent);
  page.querySelectorAll("aside [role=alert]").forEach((alert) => before.includes(alert.textContent) && alert.removeAttribute("role"));
}

// keep lists what was refused before beneath what was refused last.
function keep(refused) {
  for (const box of refused) {
    box.removeAttribute("role");
    box.className = "notice bad";
    box.querySelectorAll("[id]").forEach((e) => e.removeAttribute("id"));
    box.querySelectorAll("[aria-describedby]").forEach((e) => e.removeAttribute("aria-describedby"));
  }
  ([...main().querySelectorAll("[data-keep]")].pop() || itemForm()).after(...refused);
}

// purpose is what an element has in common with that which is for the same on the page that comes.
function purpose(e) {
  const choice = /^(checkbox|radio|submit)$/.test(e.type) ? e.value : "";
  return [e.localName, e.getAttribute("href"), e.form?.getAttribute("action"), e.id, e.name, choice].join("|");
}

// isTyped reports whether somebody changed a field.
function isTyped(e) {
  if (e.localName === "select") return e.selectedIndex !== Math.max(0, [...e.options].findIndex((o) => o.defaultSelected));
  return /^(checkbox|radio)$/.test(e.type) ? e.checked !== e.defaultChecked : e.value !== e.defaultValue;
}

const fields = (within) => [...within.querySelectorAll("input:not([type=hidden], [type=file]), textarea, select")];

// wasScanned reports whether a field is the one the form was scanned into: what is in it now was scanned since.
const wasScanned = (e, sent) => scanField(sent) !== null && purpose(e) === purpose(scanField(sent));

// typedIn are the fields in which something was typed that was not sent, and the one somebody is at.
function typedIn(sent) {
  const typed = fields(document).filter((e) => isTyped(e) && (e.form !== sent || wasScanned(e, sent)));
  const focus = document.activeElement;
  return { typed, focus: focus === document.body || focus === main() || sent.contains(focus) ? null : focus };
}

// goOn puts the focus where it was, or else where the page wants it, and what was typed where it goes on.
function goOn({ typed, focus }, sent) {
  const all = [...document.querySelectorAll("body *")];
  const next = (e) => (wasScanned(e, sent) ? field() : all.find((other) => purpose(other) === purpose(e)));
  const to = (focus && next(focus)) || main().querySelector("[autofocus]") || field() || main();
  to.focus();
  for (const e of typed) {
    const same = next(e);
    if (same && /^(checkbox|radio)$/.test(e.type)) same.checked = e.checked;
    else if (same) same.value = e.value;
  }
  if (to.value && focus?.selectionStart != null) to.setSelectionRange(focus.selectionStart, focus.selectionEnd);
}

// The second click of a double click is for the button that was there at the first, and not for what came in its place.
addEventListener("click", (event) => event.detail > 1 && event.target.closest("button") && event.preventDefault());

// guard keeps a form from being sent twice while the page that comes of it is on its way.
const sentAt = new WeakMap();
function guard(event) {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (event.timeStamp - (sentAt.get(form) ?? -Infinity) < 10000) return event.preventDefault();
  sentAt.set(form, event.timeStamp);
  done.add(form);
}

// leaving is where somebody goes who followed a link while something was waiting: when all is done, and none of it refused.
// Who follows a link of a form gives up what is in it.
let leaving = "";
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  done.add(link.closest("form") ?? link);
  if (!busy) return;
  event.preventDefault();
  leaving = link.href;
});

// unsaved reports whether something was typed into a sheet that was neither sent nor given up.
const done = new WeakSet();
const unsaved = () => fields(main()).some((e) => e.form?.matches(".sheet:not([data-quick])") && !done.has(e.form) && isTyped(e));
addEventListener("beforeunload", (event) => (waiting.length || unsaved()) && event.preventDefault());

// Back leads to a page as it is now, not as it was.
const here = () => location.pathname + location.search;
let at = here();
addEventListener("popstate", () => here() !== at && location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());

// What is typed while no field has the focus is a scan.
addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === " ") return;
  if (!document.activeElement?.matches("input, select, textarea, iframe")) field()?.focus();
});

// What stands in the field a scanner types in was looked for before: the next scan takes its place.
const renew = (e) => e && e === field() && e.select();
addEventListener("focusin", (event) => renew(event.target));

// What is told stays until somebody has seen it.
addEventListener("click", (event) => {
  if (!event.target.matches("[data-seen], [data-forget]")) return;
  if (event.target.matches("[data-forget]")) waiting.length = 0;
  event.target.closest("[data-keep], [data-unsent]").remove();
  field()?.focus();
});

// Suggestions while a name is typed (the combobox pattern of ARIA).
function suggest(input) {
  const list = document.createElement("ul");
  list.id = input.id + "-suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  list.hidden = true;
  input.closest("form").append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let chosen = -1;
  let timer;
  let asked = 0;
  const options = () => [...list.children];
  const open = (is) => {
    list.hidden = !is;
    input.setAttribute("aria-expanded", String(is));
    if (!is) choose(-1);
  };
  const choose = (index) => {
    chosen = index;
    options().forEach((o, i) => o.setAttribute("aria-selected", String(i === index)));
    if (index >= 0) {
      input.setAttribute("aria-activedescendant", options()[index].id);
      options()[index].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    input.value = option.dataset.id;
    open(false);
    input.form.requestSubmit();
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value.trim();
    const mine = ++asked;
    // A scanner types digits faster than anybody reads suggestions.
    if (text.length < 2 || /^\d+$/.test(text)) return open(false);
    timer = setTimeout(async () => {
      const answer = await fetch(input.dataset.suggest + "?" + new URLSearchParams({ q: text }), { redirect: "manual" }).catch(() => null);
      const found = answer?.ok && (await answer.text());
      if (!found || mine !== asked) return;
      const part = new DOMParser().parseFromString(found, "text/html");
      list.replaceChildren(...part.querySelectorAll("[role=option]"));
      options().forEach((o, i) => (o.id = list.id + "-" + i));
      open(options().length > 0);
      document.getElementById("live").textContent = part.querySelector("p")?.textContent ?? "";
    }, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const n = options().length;
    if (event.key === "ArrowDown") choose((chosen + 1) % n);
    else if (event.key === "ArrowUp") choose((Math.max(chosen, 0) - 1 + n) % n);
    else if (event.key === "Escape") open(false);
    else if (event.key === "Enter" && chosen >= 0) take(options()[chosen]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(() => open(false), 150));
  input.form.addEventListener("submit", () => {
    asked++;
    clearTimeout(timer);
    open(false);
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

// prepare makes the page's own parts quick.
function prepare() {
  document.querySelectorAll("input[data-suggest]:not([role])").forEach(suggest);
  for (const box of document.querySelectorAll("[data-keep]:not(:has([data-seen]))")) {
    const seen = Object.assign(document.createElement("button"), { className: "small", textContent: document.body.dataset.seen });
    seen.dataset.seen = "";
    box.append(seen);
  }
}

prepare();
renew(document.activeElement);
