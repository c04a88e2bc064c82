using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>A token for the API in the settings: <c>NetworkProtocol:Admin:Tokens:&lt;name&gt;</c>.</summary>
internal sealed class AdminToken
{
    /// <summary>The SHA-256 of the token in hexadecimal, as <c>netproto create-token</c> prints it.</summary>
    public string Hash { get; set; } = "";

    /// <summary>What a request with the token may do.</summary>
    public Role Role { get; set; } = Role.Viewer;
}
