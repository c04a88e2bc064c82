using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The link that signs an operator in while neither a password nor a provider is set: its code is printed at the start and works once.
/// </summary>
internal sealed class SignInLink(IOptions<AdminOptions> options, Passwords passwords, TimeProvider time)
{
    /// <summary>The link expires, so that nobody can sign in with a link from an old log.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly byte[] _code = RandomNumberGenerator.GetBytes(32);
    private readonly long _created = time.GetTimestamp();
    private int _used;

    /// <summary>Whether users cannot sign in in any other way.</summary>
    public bool IsNeeded => !passwords.Any && options.Value.OpenIdConnect.Authority.Length == 0;

    public string Path => $"/sign-in?code={WebEncoders.Base64UrlEncode(_code)}";

    /// <summary>Uses the link up: true only for the first call with the right code before the link expires.</summary>
    public bool TryUse(string? code)
    {
        byte[] given;
        try
        {
            given = WebEncoders.Base64UrlDecode(code ?? "");
        }
        catch (FormatException)
        {
            return false;
        }

        return IsNeeded
            && time.GetElapsedTime(_created) < Lifetime
            && CryptographicOperations.FixedTimeEquals(given, _code)
            && Interlocked.Exchange(ref _used, 1) == 0;
    }
}
