using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Hashes the settings behind each way to sign in. When the hash differs after a restart, users who signed in that way must sign in again.
/// </summary>
internal sealed class GrantStamps(IOptions<AdminOptions> options, Passwords passwords, SignInLink link)
{
    /// <summary>The hash; null if this user cannot sign in that way.</summary>
    public string? Of(Grant grant, string name)
    {
        var openId = options.Value.OpenIdConnect;
        var settings = grant switch
        {
            Grant.Link => link.IsNeeded ? "" : null,
            Grant.Password => passwords.StampOf(name),
            _ => openId.Authority.Length == 0 ? null
                : string.Join('\n', [openId.Authority, openId.ClientId, openId.RoleClaim, .. openId.Operators, "", .. openId.Viewers]),
        };
        return settings is null ? null : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(settings)));
    }
}
