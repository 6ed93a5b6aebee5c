/** The texture layout that comes with the package; bundlers find it by the form of this expression. */
export const UV_FRAME_URL = new URL("../../../assets/uv-frame.json", import.meta.url);
