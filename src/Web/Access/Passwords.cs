using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>Users with a password of ours, kept as ASP.NET Core Identity's hashes (PBKDF2).</summary>
internal sealed class Passwords
{
    /// <summary>As many as <c>netproto hash-password</c> takes.</summary>
    private const int Iterations = 210_000;

    private const byte IdentityV3 = 1;
    private const int ShortestHash = 13 + 16 + 16; // header, salt, key

    /// <summary>What is checked for a user that does not exist, so that the time does not tell.</summary>
    private static readonly string NobodysHash = new PasswordHasher<string>(
        Options.Create(new PasswordHasherOptions { IterationCount = Iterations })).HashPassword("", Guid.NewGuid().ToString());

    private readonly PasswordHasher<string> _hasher = new();
    private readonly Dictionary<string, (string Name, string Hash, Role Role)> _users = new(StringComparer.OrdinalIgnoreCase);

    public Passwords(IOptions<AdminOptions> options)
    {
        var o = options.Value;
        if (o.Password.Length > 0 || o.PasswordFile.Length > 0)
        {
            Add(AdminOptions.DefaultUser, o.Password, o.PasswordFile, Role.Operator);
        }

        foreach (var (name, user) in o.Users)
        {
            Add(name, user.Password, user.PasswordFile, user.Role);
        }
    }

    public bool Any => _users.Count > 0;

    public static bool IsHash(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= ShortestHash && bytes[0] == IdentityV3;
    }

    /// <summary>The user's name and role, or null if name or password is wrong.</summary>
    public (string Name, Role Role)? Check(string name, string password)
    {
        var exists = _users.TryGetValue(name, out var user);
        var good = _hasher.VerifyHashedPassword("", exists ? user.Hash : NobodysHash, password) != PasswordVerificationResult.Failed;
        return exists && good ? (user.Name, user.Role) : null;
    }

    /// <summary>What changes when the user, the password or the role does; null if there is no such user.</summary>
    public string? StampOf(string name) => _users.TryGetValue(name, out var user) ? $"{user.Role} {user.Hash}" : null;

    private void Add(string name, string hash, string file, Role role) =>
        _users[name] = (name, file.Length > 0 ? File.ReadAllText(file).Trim() : hash, role);
}
