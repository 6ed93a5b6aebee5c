/** What the tests use of Khronos' validator, which has no types of its own. */
declare module "gltf-validator" {
  interface Message {
    readonly code: string;
    readonly message: string;
    readonly severity: number;
    readonly pointer?: string;
  }

  interface Report {
    readonly issues: {
      readonly numErrors: number;
      readonly numWarnings: number;
      readonly messages: readonly Message[];
    };
    readonly info: { readonly generator?: string };
  }

  const validator: { validateBytes(bytes: Uint8Array): Promise<Report> };
  export default validator;
}
