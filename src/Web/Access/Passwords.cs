using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>Checks the passwords of the users in the settings, which contain hashes of ASP.NET Core Identity (PBKDF2).</summary>
internal sealed class Passwords
{
    /// <summary>The iterations of PBKDF2, the same number as in <c>netproto hash-password</c>.</summary>
    private const int Iterations = 210_000;

    private const byte IdentityV3 = 1;
    private const int ShortestHash = 13 + 16 + 16; // header, salt, key

    /// <summary>The hash to check for a user that does not exist, so that the duration does not reveal whether a user exists.</summary>
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

    /// <summary>A text that changes when the user's password or role changes; null if the user does not exist.</summary>
    public string? StampOf(string name) => _users.TryGetValue(name, out var user) ? $"{user.Role} {user.Hash}" : null;

    private void Add(string name, string hash, string file, Role role) =>
        _users[name] = (name, file.Length > 0 ? File.ReadAllText(file).Trim() : hash, role);
}
