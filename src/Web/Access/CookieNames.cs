using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The names of the console's cookies. Browsers keep cookies by host and not by port, so each data folder has names of its own: two
/// consoles at one host name, as over <c>ssh -L</c>, do not sign each other out.
/// </summary>
internal sealed class CookieNames
{
    private const string FileName = "instance";
    private const int IdBytes = 4;

    private readonly string _id;
    private readonly string _prefix;

    public CookieNames(DataFolder folder, IOptions<HttpOptions> http)
    {
        _id = folder.ReadOrCreate(FileName, () => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes))));
        IsSecure = http.Value.Tls.CertificatePath.Length > 0;
        _prefix = IsSecure ? "__Host-" : ""; // browsers take such a cookie over HTTPS alone, and from this host alone
    }

    /// <summary>Whether the port speaks HTTPS alone.</summary>
    public bool IsSecure { get; }

    public string Session => $"{_prefix}netproto-{_id}";

    public string Form => $"{_prefix}netproto-form-{_id}";

    public string Known => $"{_prefix}netproto-known-{_id}";
}
