using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web.Access;

/// <summary>Checks <see cref="AdminOptions"/>.</summary>
internal sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options)
    {
        var errors = Passwords("", options.Password, options.PasswordFile, required: false)
            .Concat(options.Users.SelectMany(user =>
                Passwords($"Users:{user.Key}:", user.Value.Password, user.Value.PasswordFile, required: true)))
            .Concat(Tokens(options.Tokens))
            .Concat(OpenId(options.OpenIdConnect))
            .ToList();
        if (options.Users.ContainsKey(AdminOptions.DefaultUser) && (options.Password.Length > 0 || options.PasswordFile.Length > 0))
        {
            errors.Add($"{AdminOptions.Section}:Users:{AdminOptions.DefaultUser}: "
                + $"{AdminOptions.Section}:Password already sets the password of this user; set only one of them");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    // An error never shows the value: it may be a password that the operator forgot to hash.
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
            yield return $"{AdminOptions.Section}:{prefix}Password = : Password or PasswordFile must be set";
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

            if (!ApiTokens.IsHash(token.Hash)) // the error hides the value, because it may be the token itself
            {
                yield return $"{AdminOptions.Section}:Tokens:{name}:Hash = {(token.Hash.Length == 0 ? "" : "(hidden)")}: "
                    + $"must be a hash that netproto create-token has printed, {ApiTokens.HashLength} hexadecimal digits";
            }
            else if (tokens.First(other => other.Value.Hash.Equals(token.Hash, StringComparison.OrdinalIgnoreCase)).Key is var first
                && first != name)
            {
                yield return $"{AdminOptions.Section}:Tokens:{name}:Hash = (hidden): "
                    + $"is already the hash of the token {first}; each token must have its own hash";
            }
        }
    }

    private static IEnumerable<string> OpenId(OpenIdOptions o)
    {
        const string Prefix = $"{AdminOptions.Section}:OpenIdConnect";
        if (o.Authority.Length == 0)
        {
            yield break; // ConfigurationWarnings reports the other settings, which have no effect without Authority
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
            yield return $"{Prefix}:Operators = : Operators or Viewers must have a value, else no user can sign in";
        }
    }
}
