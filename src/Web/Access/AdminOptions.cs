using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Access;

/// <summary>The section <c>NetworkProtocol:Admin</c>: who may use the console and the API.</summary>
internal sealed class AdminOptions
{
    public const string Section = "NetworkProtocol:Admin";

    /// <summary>The name of the operator whose password is <see cref="Password"/>.</summary>
    public const string DefaultUser = "admin";

    /// <summary>
    /// The hash of the password of the operator <c>admin</c>, as <c>netproto hash-password</c> prints it. Without a password, other users
    /// and a provider, the program prints a link at the start, which signs in once.
    /// </summary>
    public string Password { get; set; } = "";

    /// <summary>A file with the hash, instead of <see cref="Password"/>.</summary>
    [Shown]
    public string PasswordFile { get; set; } = "";

    /// <summary>More users, by name.</summary>
    public Dictionary<string, AdminUser> Users { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tokens for the API, by name; such a token works without being created in the console.</summary>
    public Dictionary<string, AdminToken> Tokens { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sign-in by an OpenID Connect provider; enabled when <c>Authority</c> is set.</summary>
    public OpenIdOptions OpenIdConnect { get; } = new();

    /// <summary>
    /// The data folder, whose files survive a restart: audit log, bans, tokens, sign-ins, keys. Only one process may use the folder, and
    /// only the process's user may write to it. Empty: systemd's <c>STATE_DIRECTORY</c>, else <c>network-protocol</c> under the user's
    /// local data (<c>~/.local/share</c>).
    /// </summary>
    [Shown]
    public string DataPath { get; set; } = "";

    /// <summary>How long an inactive user stays signed in: 1 min to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);
}
