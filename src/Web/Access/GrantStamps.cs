using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>What the settings say of a way in, as a hash: another one after a restart means that whoever came in by it comes in anew.</summary>
internal sealed class GrantStamps(IOptions<AdminOptions> options, Passwords passwords, SignInLink link)
{
    /// <summary>The hash, or null if nobody comes in that way.</summary>
    public string? Of(Grant grant, string name)
    {
        var openId = options.Value.OpenIdConnect;
        var said = grant switch
        {
            Grant.Link => link.IsNeeded ? "" : null,
            Grant.Password => passwords.StampOf(name),
            _ => openId.Authority.Length == 0 ? null
                : string.Join('\n', [openId.Authority, openId.ClientId, openId.RoleClaim, .. openId.Operators, "", .. openId.Viewers]),
        };
        return said is null ? null : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(said)));
    }
}
