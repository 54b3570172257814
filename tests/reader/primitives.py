"""Hashes, signatures, key derivation and HPKE (RFC 9180), from the package `cryptography`."""
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

class Malformed(Exception):
    """What is wrong, by the name that format.md gives it."""

    def __init__(self, name, detail=""):
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(ikm, info, length):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(ikm)


def raw_public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def verifies(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def gcm_open(key, nonce, sealed, aad, error):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Malformed(error) from None


# HPKE, RFC 9180 base mode
KEM_SUITE = b"KEM\x00\x20"
HPKE_SUITE = b"HPKE\x00\x20\x00\x01\x00\x02"


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, length):
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=labeled).derive(prk)


def hpke_schedule(dh, enc, recipient, info):
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    shared = labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + recipient, 32)
    context = b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + labeled_extract(HPKE_SUITE, b"", b"info_hash", info)
    secret = labeled_extract(HPKE_SUITE, shared, b"secret", b"")
    return labeled_expand(HPKE_SUITE, secret, b"key", context, 32), labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)


def hpke_open(private, enc, sealed, info, aad, error):
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        dh = key.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError:
        raise Malformed(error) from None
    aes, nonce = hpke_schedule(dh, enc, raw_public(key), info)
    return gcm_open(aes, nonce, sealed, aad, error)


def hpke_seal(recipient, plain, info, aad):
    ephemeral = X25519PrivateKey.generate()
    enc = raw_public(ephemeral)
    aes, nonce = hpke_schedule(ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient)), enc, recipient, info)
    return enc, AESGCM(aes).encrypt(nonce, plain, aad)
