using NetworkProtocol.Admin;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Access;

/// <summary>A user of the console.</summary>
internal sealed class AdminUser
{
    /// <summary>The hash of the password, as <c>netproto hash-password</c> prints it.</summary>
    public string Password { get; set; } = "";

    /// <summary>A file with the hash, instead of <see cref="Password"/>.</summary>
    [Shown]
    public string PasswordFile { get; set; } = "";

    /// <summary>What the user may do.</summary>
    public Role Role { get; set; } = Role.Viewer;
}
