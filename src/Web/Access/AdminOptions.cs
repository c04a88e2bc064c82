using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Access;

/// <summary>The section <c>NetworkProtocol:Admin</c>: who may use the console and the API.</summary>
internal sealed class AdminOptions
{
    public const string Section = "NetworkProtocol:Admin";

    /// <summary>The name of the one user that <see cref="Password"/> makes.</summary>
    public const string DefaultUser = "admin";

    /// <summary>
    /// The hash of the password of the operator <c>admin</c>, as <c>netproto hash-password</c> prints it. With neither a password nor other users,
    /// a link that is printed at the start signs in once.
    /// </summary>
    public string Password { get; set; } = "";

    /// <summary>A file with that hash, in place of <see cref="Password"/>.</summary>
    [Shown]
    public string PasswordFile { get; set; } = "";

    /// <summary>More users, by name.</summary>
    public Dictionary<string, AdminUser> Users { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tokens for the API that need no console to be made, by name.</summary>
    public Dictionary<string, AdminToken> Tokens { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sign-in by an OpenID Connect provider, on when its <c>Authority</c> is set.</summary>
    public OpenIdOptions OpenIdConnect { get; } = new();

    /// <summary>
    /// A folder for what outlives the process: audit log, bans, tokens, sign-ins, keys. One process uses it, and its user alone may write it.
    /// Empty: systemd's <c>STATE_DIRECTORY</c>, else <c>network-protocol</c> under the user's local data (<c>~/.local/share</c>).
    /// </summary>
    [Shown]
    public string DataPath { get; set; } = "";

    /// <summary>How long one who does nothing stays signed in: 1 min to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);
}

/// <summary>A user of the console.</summary>
internal sealed class AdminUser
{
    /// <summary>The hash of the password, as <c>netproto hash-password</c> prints it.</summary>
    public string Password { get; set; } = "";

    /// <summary>A file with that hash.</summary>
    [Shown]
    public string PasswordFile { get; set; } = "";

    /// <summary>What the user may do.</summary>
    public Role Role { get; set; } = Role.Viewer;
}

/// <summary>The section <c>NetworkProtocol:Admin:OpenIdConnect</c>.</summary>
internal sealed class OpenIdOptions
{
    /// <summary>The provider's address.</summary>
    [Shown]
    public string Authority { get; set; } = "";

    /// <summary>The client's id at the provider.</summary>
    [Shown]
    public string ClientId { get; set; } = "";

    /// <summary>The client's secret.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>A file with the client's secret.</summary>
    [Shown]
    public string ClientSecretFile { get; set; } = "";

    /// <summary>The claim that says what the user may do.</summary>
    [Shown]
    public string RoleClaim { get; set; } = "roles";

    /// <summary>The claim's values that make an operator.</summary>
    [Shown]
    public IList<string> Operators { get; } = [];

    /// <summary>The claim's values that make a viewer; a user who has neither is not let in.</summary>
    [Shown]
    public IList<string> Viewers { get; } = [];

    /// <summary>Whether the provider may be spoken to without TLS: for a test alone.</summary>
    public bool AllowHttp { get; set; }
}

/// <summary>Checks <see cref="AdminOptions"/>.</summary>
internal sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options)
    {
        var errors = Passwords("", options.Password, options.PasswordFile, required: false)
            .Concat(options.Users.SelectMany(user => Passwords($"Users:{user.Key}:", user.Value.Password, user.Value.PasswordFile, required: true)))
            .Concat(Tokens(options.Tokens))
            .Concat(OpenId(options.OpenIdConnect))
            .ToList();
        if (options.Users.ContainsKey(AdminOptions.DefaultUser) && (options.Password.Length > 0 || options.PasswordFile.Length > 0))
        {
            errors.Add($"{AdminOptions.Section}:Users:{AdminOptions.DefaultUser}: is the user of {AdminOptions.Section}:Password already; set one of them");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    // The value itself is never shown: it may be the password that somebody forgot to hash.
    private static IEnumerable<string> Passwords(string prefix, string password, string file, bool required)
    {
        if (password.Length > 0 && file.Length > 0)
        {
            yield return $"{AdminOptions.Section}:{prefix}PasswordFile = {file}: must not be set together with Password";
        }
        else if (file.Length > 0 && !File.Exists(file))
        {
            yield return $"{AdminOptions.Section}:{prefix}PasswordFile = {file}: must be an existing file";
        }
        else if (file.Length > 0 && !Access.Passwords.IsHash(File.ReadAllText(file).Trim()))
        {
            yield return $"{AdminOptions.Section}:{prefix}PasswordFile = {file}: must hold a hash that netproto hash-password has printed";
        }
        else if (password.Length > 0 && !Access.Passwords.IsHash(password))
        {
            yield return $"{AdminOptions.Section}:{prefix}Password = (hidden): must be a hash that netproto hash-password has printed";
        }
        else if (required && password.Length == 0 && file.Length == 0)
        {
            yield return $"{AdminOptions.Section}:{prefix}Password = : must be set, or PasswordFile";
        }
    }

    private static IEnumerable<string> Tokens(Dictionary<string, AdminToken> tokens)
    {
        foreach (var (name, token) in tokens)
        {
            if (name.Length > ApiTokens.MaxNameLength || string.IsNullOrWhiteSpace(name))
            {
                yield return $"{AdminOptions.Section}:Tokens:{name}: the name must have 1 to {ApiTokens.MaxNameLength} characters";
            }

            if (!ApiTokens.IsHash(token.Hash)) // not shown: it may be the token itself
            {
                yield return $"{AdminOptions.Section}:Tokens:{name}:Hash = {(token.Hash.Length == 0 ? "" : "(hidden)")}: must be a hash that netproto create-token has printed, {ApiTokens.HashLength} hexadecimal digits";
            }
            else if (tokens.First(other => other.Value.Hash.Equals(token.Hash, StringComparison.OrdinalIgnoreCase)).Key is var first && first != name)
            {
                yield return $"{AdminOptions.Section}:Tokens:{name}:Hash = (hidden): is that of {first} already; each token must have a hash of its own";
            }
        }
    }

    private static IEnumerable<string> OpenId(OpenIdOptions o)
    {
        const string Prefix = $"{AdminOptions.Section}:OpenIdConnect";
        if (o.Authority.Length == 0)
        {
            yield break; // ConfigurationWarnings tells of the others, which are of no use then
        }

        if (!Uri.TryCreate(o.Authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !o.AllowHttp))
        {
            yield return $"{Prefix}:Authority = {o.Authority}: must be an https:// address";
        }

        if (o.ClientId.Length == 0)
        {
            yield return $"{Prefix}:ClientId = : must be set together with Authority";
        }

        if (o.ClientSecretFile.Length > 0 && o.ClientSecret.Length > 0)
        {
            yield return $"{Prefix}:ClientSecretFile = {o.ClientSecretFile}: must not be set together with ClientSecret";
        }

        if (o.ClientSecretFile.Length > 0 && !File.Exists(o.ClientSecretFile))
        {
            yield return $"{Prefix}:ClientSecretFile = {o.ClientSecretFile}: must be an existing file";
        }

        if (o.Operators.Count + o.Viewers.Count == 0)
        {
            yield return $"{Prefix}:Operators = : must have a value, or Viewers, or nobody is let in";
        }
    }
}
