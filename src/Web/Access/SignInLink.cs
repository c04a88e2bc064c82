using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>The way in while no password and no provider is set: a code that is printed at the start and works once.</summary>
internal sealed class SignInLink(IOptions<AdminOptions> options, Passwords passwords, TimeProvider time)
{
    /// <summary>Whoever reads old logs must not find a way in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly byte[] _code = RandomNumberGenerator.GetBytes(32);
    private readonly long _created = time.GetTimestamp();
    private int _used;

    /// <summary>Whether there is no other way in.</summary>
    public bool IsNeeded => !passwords.Any && options.Value.OpenIdConnect.Authority.Length == 0;

    public string Path => $"/sign-in?code={WebEncoders.Base64UrlEncode(_code)}";

    /// <summary>True once, for the right code in time.</summary>
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
