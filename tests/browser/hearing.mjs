// What a page lets hear, measured: the player's sound is led through an analyser on its way out.

/** Puts `globalThis.ear` into the page. `of` is the element that sounds. */
export async function listen(page, of = "audio") {
  await page.evaluate(async (selector) => {
    const element = document.querySelector(selector);
    const video = document.querySelector("video");
    const context = new AudioContext({ sampleRate: 48_000 });
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaElementSource(element).connect(analyser);
    analyser.connect(context.destination);
    await context.resume();
    const samples = new Float32Array(analyser.fftSize);
    const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const seen = [];
    const heard = [];
    let white = false;
    let loud = false;
    let seeks = 0;
    video.addEventListener("seeked", () => void seeks++);
    const look = (_now, { mediaTime }) => {
      pen.drawImage(video, 0, 0, 8, 8);
      const bright = pen.getImageData(4, 4, 1, 1).data[0] > 128;
      if (bright && !white) seen.push(mediaTime);
      white = bright;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      // The newest 10 ms only: a clap is to be noticed when it begins.
      const peak = samples.slice(-480).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      if (peak > 0.25 && !loud) heard.push(video.currentTime);
      loud = peak > 0.1;
    }, 4);
    globalThis.ear = {
      element,
      /** How often the picture has arrived where it was sent. */
      seeks: () => seeks,
      seen,
      heard,
      forget: () => void (seen.length = heard.length = 0),
      /** Root mean square of the last 40 ms. */
      level: () => {
        analyser.getFloatTimeDomainData(samples);
        return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      },
      /** Frequency with the most in it, Hz. */
      tone: () => {
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        return (bins.indexOf(Math.max(...bins)) * context.sampleRate) / analyser.fftSize;
      },
      /** The sound's place minus the picture's, seconds. */
      apart: () => element.currentTime - video.currentTime,
    };
  }, of);
}

/** Waits until so many claps were seen and heard (an odd number: one that is cut by a seek or noticed late does not decide the median), and gives how much later than seen each was heard, ms; they lie 2 s apart. */
export async function claps(page, count, timeout = 60_000) {
  await page.evaluate(() => globalThis.ear.forget());
  await page.waitForFunction((wanted) => globalThis.ear.seen.length >= wanted && globalThis.ear.heard.length >= wanted, count, { timeout, polling: 100 });
  const { seen, heard } = await page.evaluate(() => ({ seen: [...globalThis.ear.seen], heard: [...globalThis.ear.heard] }));
  // By the picture's own clock: where it stood when the clap was heard, and which of its frames is the clap.
  const wrap = (secs) => ((((secs + 1) % 2) + 2) % 2) - 1;
  const [first] = seen;
  const clap = first + Math.min(...seen.map((at) => wrap(at - first)));
  return heard.map((at) => Math.round(wrap(at - clap) * 1000));
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
