// The one function of upng-js that is used; it brings no types.
declare module "upng-js" {
  const upng: {
    decode(png: ArrayBuffer): { width: number; height: number };
    toRGBA8(image: { width: number; height: number }): ArrayBuffer[];
    encode(frames: ArrayBuffer[], width: number, height: number, colours: number): ArrayBuffer;
  };
  export default upng;
}
