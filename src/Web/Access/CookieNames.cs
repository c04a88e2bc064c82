using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The names of the console's cookies. Browsers store cookies by host and not by port, so each data folder has its own names. Without
/// that, two consoles at one host name, for example over <c>ssh -L</c>, would sign each other's users out.
/// </summary>
internal sealed class CookieNames
{
    private const string FileName = "instance";
    private const int IdBytes = 4;

    private readonly string _id;
    private readonly string _prefix;

    public CookieNames(DataFolder folder, IOptions<HttpOptions> http)
    {
        _id = folder.ReadOrCreate(
            FileName, () => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes))));
        IsSecure = http.Value.Tls.CertificatePath.Length > 0;
        _prefix = IsSecure ? "__Host-" : ""; // browsers accept a cookie with this prefix only over HTTPS and only from this host
    }

    /// <summary>Whether the port accepts only HTTPS.</summary>
    public bool IsSecure { get; }

    public string SignIn => $"{_prefix}netproto-{_id}";

    public string Form => $"{_prefix}netproto-form-{_id}";

    public string Known => $"{_prefix}netproto-known-{_id}";
}
