namespace NetworkProtocol.Web.Admin;

/// <summary>A token for the API that the settings name: <c>NetworkProtocol:Admin:Tokens:&lt;name&gt;</c>.</summary>
internal sealed class AdminToken
{
    /// <summary>The SHA-256 of the token in hexadecimal, as <c>netproto create-token</c> prints it.</summary>
    public string Hash { get; set; } = "";

    /// <summary>What its bearer may do.</summary>
    public Access.Role Role { get; set; } = Access.Role.Viewer;
}
