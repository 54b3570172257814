import { useEffect, useState } from "preact/hooks";

/** A picture that exists only in memory. */
export function Picture({ bytes, media, alt }: { bytes: Uint8Array<ArrayBuffer>; media: string; alt: string }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: media }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, media]);
  return address === null ? null : <img src={address} alt={alt} />;
}
