using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Access;

/// <summary>The section <c>NetworkProtocol:Admin:OpenIdConnect</c>.</summary>
internal sealed class OpenIdOptions
{
    /// <summary>
    /// The provider's address, which must be https unless <see cref="AllowHttp"/> is set. Empty: no sign-in by a provider.
    /// </summary>
    [Shown]
    public string Authority { get; set; } = "";

    /// <summary>The client id that the provider has given to this server.</summary>
    [Shown]
    public string ClientId { get; set; } = "";

    /// <summary>The client secret that the provider has given to this server.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>A file with the client secret, instead of <see cref="ClientSecret"/>.</summary>
    [Shown]
    public string ClientSecretFile { get; set; } = "";

    /// <summary>The claim whose values decide the user's role.</summary>
    [Shown]
    public string RoleClaim { get; set; } = "roles";

    /// <summary>The claim's values that give a user the role operator.</summary>
    [Shown]
    public IList<string> Operators { get; } = [];

    /// <summary>The claim's values that give a user the role viewer; a user without a value of either list cannot sign in.</summary>
    [Shown]
    public IList<string> Viewers { get; } = [];

    /// <summary>Whether the server may connect to the provider without TLS. Use this only in tests.</summary>
    public bool AllowHttp { get; set; }
}
