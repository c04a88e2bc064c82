using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace NetworkProtocol.Web.Admin.Access;

/// <summary>A token for the API, as it is kept: its secret is not.</summary>
/// <param name="Name">What it is called in lists and in the audit log.</param>
/// <param name="Role">What its bearer may do.</param>
/// <param name="Hash">The SHA-256 of its secret.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">Until when it works.</param>
internal sealed record ApiToken(string Name, Role Role, string Hash, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ExpiresAt);

/// <summary>Tokens for <c>/api/v1</c>: random, so a plain hash of them is enough, each with a role and an end.</summary>
internal sealed class ApiTokens
{
    public const int Capacity = 1000;
    public const int MaxNameLength = 64;

    /// <summary>Lets people and scanners of secrets know one.</summary>
    private const string Prefix = "npat_";

    private const string FileName = "tokens.json";

    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Dictionary<string, ApiToken> _byHash;

    public ApiTokens(DataFolder folder, TimeProvider time)
    {
        _folder = folder;
        _time = time;
        _byHash = folder.Read<ApiToken>(FileName).DistinctBy(token => token.Hash).ToDictionary(token => token.Hash);
    }

    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(366);

    public IReadOnlyList<ApiToken> All => [.. Volatile.Read(ref _byHash).Values.OrderBy(token => token.CreatedAt)];

    /// <summary>Makes a token and gives its secret, this once.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or there are too many.</exception>
    public string Create(string name, Role role, TimeSpan lifetime, string by)
    {
        var secret = Prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            var alive = _byHash.Values.Where(token => token.ExpiresAt > now).ToDictionary(token => token.Hash);
            if (alive.Count >= Capacity)
            {
                throw new InvalidOperationException($"There are {Capacity} tokens already: revoke one.");
            }

            if (alive.Values.Any(token => token.Name == name))
            {
                throw new InvalidOperationException($"There is a token '{name}' already: revoke it, or take another name.");
            }

            alive[Hash(secret)] = new ApiToken(name, role, Hash(secret), now, by, now + lifetime);
            Save(alive);
        }

        return secret;
    }

    public bool Revoke(string name)
    {
        lock (_lock)
        {
            var rest = _byHash.Values.Where(token => token.Name != name).ToDictionary(token => token.Hash);
            if (rest.Count == _byHash.Count)
            {
                return false;
            }

            Save(rest);
            return true;
        }
    }

    public ApiToken? Find(string secret) =>
        Volatile.Read(ref _byHash).TryGetValue(Hash(secret), out var token) && token.ExpiresAt > _time.GetUtcNow() ? token : null;

    // Compared by hash, so the time of the look-up tells nothing about a secret.
    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));

    private void Save(Dictionary<string, ApiToken> tokens)
    {
        _folder.Write(FileName, tokens.Values);
        Volatile.Write(ref _byHash, tokens);
    }
}
