/** How sound is kept in step with the picture. Pure: no element, no clock. */

/** Above this speed speech cannot be understood. */
export const MOST_HEARD_RATE = 2;
/** Further apart than this the sound is set anew; nearer, its speed is changed a little, which nobody hears. */
const FAR_SECS = 0.2;
/** From here on it is corrected, until it is closer than `CLOSE_SECS`. */
const APART_SECS = 0.03;
const CLOSE_SECS = 0.008;
/** A browser plays packets one after the other although their times say that there is a little between them (a microphone's clock is slower than the device's). From here on the sound is set anew. */
const MOST_SLIP_SECS = 0.04;
const MOST_CORRECTION = 0.08;
/** Share of the distance that a second of correcting makes up for. */
const CORRECTION = 0.6;
/** It is on its way to a place at which the picture was so long ago that it will not arrive. */
const ASTRAY_SECS = 1;
/** Setting sound anew beside a running picture takes about this long. */
const LEAD_SECS = 0.05;

export interface Standing {
  /** The picture runs: neither paused nor seeking nor waiting for footage. */
  running: boolean;
  /** Its speed. */
  rate: number;
  /** Sound of the picture's moment is there. */
  covered: boolean;
  /** The sound is on its way to where it was set. */
  seeking: boolean;
  /** Sound's place minus the picture's, seconds of footage. */
  apartSecs: number;
  /** How far what is heard is ahead of its times, since it was set. */
  slipSecs: number;
  /** Speed of the sound minus the picture's: not 0 while it is being corrected. */
  correction: number;
}

export interface Step {
  play: boolean;
  /** Speed of the sound. */
  rate: number;
  /** Seconds after the picture's place to which the sound is to be set; `null`: not at all. */
  setAhead: number | null;
}

/** What to do with the sound now. */
export function steer({ running, rate, covered, seeking, apartSecs, slipSecs, correction }: Standing): Step {
  // Where there is no sound it is silent, whatever the decoder still holds.
  if (!covered || rate > MOST_HEARD_RATE) return { play: false, rate, setAhead: null };
  const apart = Math.abs(apartSecs);
  if (seeking && apart < ASTRAY_SECS) return { play: running, rate, setAhead: null };
  if (!running) return { play: false, rate, setAhead: apart > APART_SECS ? 0 : null };
  if (apart > FAR_SECS || slipSecs > MOST_SLIP_SECS) return { play: true, rate, setAhead: LEAD_SECS * rate };
  const begun = correction !== 0 && Math.sign(correction) === -Math.sign(apartSecs);
  if (apart < CLOSE_SECS || (apart < APART_SECS && !begun)) return { play: true, rate, setAhead: null };
  const change = Math.min(MOST_CORRECTION, Math.max(0.01, apart * CORRECTION));
  return { play: true, rate: rate * (1 - Math.sign(apartSecs) * change), setAhead: null };
}
