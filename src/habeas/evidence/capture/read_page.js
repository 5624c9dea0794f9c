// What a frame shows, read from a world of its own: scripts of the page cannot change what is said here.
(mostBlocks, mostLetters, mostMarkup) => {
  const AD = /(^|[^a-z])(ads?|advert(s|ising|isement)?|adsense|adslot|adunit|sponsor(ed)?|promoted|taboola|outbrain|doubleclick)([^a-z]|$)/i;
  const AUTHOR = '[rel~="author"],[itemprop~="author"],[data-testid="User-Name"],.author,.byline,.p-author,.username,.post-author';
  const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "IFRAME", "OBJECT", "DATALIST", "CANVAS"]);
  const isAd = (e) =>
    AD.test(e.id || "") || AD.test(e.getAttribute("class") || "") || AD.test(e.getAttribute("aria-label") || "") ||
    e.hasAttribute("data-ad-client") || e.hasAttribute("data-ad-slot") || e.hasAttribute("data-google-query-id");
  const blocks = [];
  let letters = 0, cut = false;
  let open = null;
  const close = () => {
    if (open && open.text.trim() && blocks.length < mostBlocks && letters < mostLetters) {
      const text = open.text.replace(/[ \t\r\n\f]+/g, " ").trim().slice(0, mostLetters - letters);
      letters += text.length;
      blocks.push({ text, kind: open.kind, ad: open.ad });
    } else if (open && open.text.trim()) cut = true;
    open = null;
  };
  const say = (text, owner, kind, ad) => {
    if (!open || open.owner !== owner || open.kind !== kind || open.ad !== ad) {
      close();
      open = { text: "", owner, kind, ad };
    }
    if (open.text.length < mostLetters) open.text += text;
  };
  // A stack of our own: a page nested a million deep must not end the reading.
  const root = document.body || document.documentElement;
  const stack = root ? [{ node: root, owner: root, kind: "text", ad: false }] : [];
  while (stack.length) {
    const { node, owner, kind, ad } = stack.pop();
    if (node.nodeType === 3) {
      say(node.data, owner, kind, ad);
      continue;
    }
    if (node.nodeType !== 1 && node.nodeType !== 11) continue;
    let mine = { owner, kind, ad };
    if (node.nodeType === 1) {
      const tag = node.tagName.toUpperCase();
      if (tag === "BR") { close(); continue; }
      if (SILENT.has(tag)) continue;
      const style = getComputedStyle(node);
      if (style.display === "none") continue;
      if (style.visibility !== "visible" && style.display !== "contents") mine.kind = "hidden";
      else if (kind === "hidden") mine.kind = "text";
      if (!/^(inline|contents|ruby)/.test(style.display)) mine.owner = node;
      mine.ad = ad || isAd(node);
      if (tag === "TIME") {
        say(node.getAttribute("datetime") || node.textContent, node, "time", mine.ad);
        continue;
      }
      if (mine.kind === "text" && node.matches(AUTHOR)) mine.kind = "author";
      if (tag === "INPUT" && /^(text|email|tel|url|search|number|submit|button)$/.test(node.type) && node.value)
        say(node.value, node, "text", mine.ad);
      if (tag === "TEXTAREA" && node.value) { say(node.value, node, "text", mine.ad); continue; }
      if (tag === "IMG" && node.alt) say(node.alt, node, "alt", mine.ad);
    }
    const children = node.nodeType === 1 && node.shadowRoot ? node.shadowRoot.childNodes : node.childNodes;
    for (let i = children.length - 1; i >= 0; i--) stack.push({ node: children[i], ...mine });
  }
  close();
  const meta = (name) =>
    (document.querySelector(`meta[name="${name}"],meta[property="${name}"]`) || { content: "" }).content || "";
  const type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>\n` : "";
  const markup = type + (document.documentElement ? document.documentElement.outerHTML : "");
  return {
    url: location.href,
    title: document.title,
    width: innerWidth,
    height: innerHeight,
    shown: innerWidth > 1 && innerHeight > 1,
    password: !!document.querySelector('input[type="password"]'),
    author: meta("author") || meta("article:author"),
    published: meta("article:published_time"),
    blocks: blocks.filter((b) => b.kind !== "hidden"),
    cut: cut || markup.length > mostMarkup,
    markup: markup.slice(0, mostMarkup),
  };
}
