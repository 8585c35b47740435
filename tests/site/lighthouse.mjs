// Prints, for each address, the score of each category and what failed, as JSON.
// node lighthouse.mjs BROWSER "ITS OPTIONS" ADDRESS...
import {launch} from "chrome-launcher";
import lighthouse from "lighthouse";

const [browser, options, ...addresses] = process.argv.slice(2);
const chrome = await launch({
  chromePath: browser,
  chromeFlags: ["--headless=new", ...options.split(" ")],
});
const settings = {
  port: chrome.port,
  logLevel: "error",
  onlyCategories: ["accessibility", "best-practices", "seo"],
  formFactor: "desktop",
  screenEmulation: {disabled: true},
  disableFullPageScreenshot: true,
  // Time is not measured here: load as fast as possible, and do not wait for silence.
  throttlingMethod: "simulate",
  pauseAfterFcpMs: 0,
  pauseAfterLoadMs: 0,
  networkQuietThresholdMs: 0,
  cpuQuietThresholdMs: 0,
};
const results = {};
for (const address of addresses) {
  const {lhr} = await lighthouse(address, settings);
  const weighed = Object.values(lhr.categories).flatMap(each => each.auditRefs)
    .filter(each => each.weight > 0).map(each => lhr.audits[each.id]);
  results[address] = {
    scores: Object.fromEntries(Object.values(lhr.categories).map(each => [each.id, each.score])),
    failed: weighed.filter(each => each.score !== null && each.score < 1)
      .map(each => [each.title, (each.details?.items ?? []).slice(0, 3)]),
    seconds: lhr.timing.total / 1000,
  };
}
chrome.kill();
console.log(JSON.stringify(results));
