using System.Runtime.InteropServices;

namespace NetworkProtocol.Security;

/// <summary>The functions of libsodium for which .NET has no counterpart.</summary>
internal static unsafe partial class Sodium
{
    private const string Library = "libsodium";

    static Sodium()
    {
        if (Init() < 0)
        {
            throw new PlatformNotSupportedException("libsodium could not be initialised.");
        }
    }

    /// <summary>Returns -1 if the result is all zero, as for every public key of low order.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int ScalarMult(byte* shared, byte* privateKey, byte* publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    public static partial int ScalarMultBase(byte* publicKey, byte* privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_core_hchacha20")]
    public static partial int HChaCha20(byte* output, byte* input, byte* key, byte* constant);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_encrypt")]
    public static partial int Encrypt(
        byte* sealedBytes, ulong* sealedLength, byte* plain, ulong plainLength,
        byte* associated, ulong associatedLength, byte* secretNonce, byte* nonce, byte* key);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_decrypt")]
    public static partial int Decrypt(
        byte* plain, ulong* plainLength, byte* secretNonce, byte* sealedBytes, ulong sealedLength,
        byte* associated, ulong associatedLength, byte* nonce, byte* key);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Init();
}
