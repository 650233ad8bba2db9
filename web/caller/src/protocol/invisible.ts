// Texts that show nothing: the rule of the command line and the desk, so that no program refuses what another sends.

/** Default-ignorable characters and those of format, as Unicode 14 lists them; whatever Unicode a browser knows. */
const INVISIBLE = [
  String.raw`\u{ad}\u{34f}\u{600}-\u{605}\u{61c}\u{6dd}\u{70f}\u{890}-\u{891}\u{8e2}\u{115f}-\u{1160}`,
  String.raw`\u{17b4}-\u{17b5}\u{180b}-\u{180f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}`,
  String.raw`\u{3164}\u{fe00}-\u{fe0f}\u{feff}\u{ffa0}\u{fff0}-\u{fffb}\u{110bd}\u{110cd}`,
  String.raw`\u{13430}-\u{13438}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}`,
].join("");
const SHOWS = new RegExp(String.raw`[^\s\u0085\p{Cc}\u2800${INVISIBLE}]`, "u");

/** Whether a text is empty, or all of it is blank, invisible or the empty Braille pattern. */
export const isBlank = (text: string): boolean => !SHOWS.test(text);
