// 金额大写 below every amount while it is typed; the same rules as kit.money on the server, which decides.
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];

function group(number) {
  if (!number) return "零";
  let text = "";
  [...String(number).padStart(4, "0")].reverse().forEach((digit, place) => {
    text = (digit === "0" ? "零" : DIGITS[digit] + PLACES[place]) + text;
  });
  return text.replace(/零+/g, "零").replace(/零$/, "");
}

export function inCapitals(fen) {
  let yuan = fen / 100n;
  const [jiao, last] = [Number((fen % 100n) / 10n), Number(fen % 10n)];
  const groups = [];
  for (let place = 0; yuan > 0n; place += 1, yuan /= 10000n) {
    const number = Number(yuan % 10000n);
    groups.unshift(group(number) + (number ? GROUPS[place] : ""));
  }
  const whole = fen >= 100n || (!jiao && !last) ? `${groups.join("").replace(/零+/g, "零").replace(/^零|零$/g, "") || "零"}元` : "";
  const tail = (jiao ? `${DIGITS[jiao]}角` : last && fen >= 100n ? "零" : "") + (last ? `${DIGITS[last]}分` : "");
  return whole + (last ? tail : `${tail}整`);
}

function read(text) {
  const cleaned = text.trim().replace(/[,，¥]/g, "");
  if (!/^\d{1,13}(\.\d{1,2})?$/.test(cleaned)) return null;
  const [yuan, rest = ""] = cleaned.split(".");
  return BigInt(yuan) * 100n + BigInt(rest.padEnd(2, "0"));
}

function show(input) {
  let line = input.parentElement.querySelector(".capitals");
  if (!line) {
    line = document.createElement("output");
    line.className = "capitals";
    line.setAttribute("for", input.id);
    input.insertAdjacentElement("afterend", line);
  }
  const fen = read(input.value);
  line.textContent = fen === null ? "" : `大写：${inCapitals(fen)}`;
}

document.addEventListener("input", (event) => event.target.matches("[data-capitals]") && show(event.target));
for (const input of document.querySelectorAll("[data-capitals]")) if (input.value) show(input);
