using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Tokens for <c>/api/v1</c>: random, so a plain hash of them is enough. Those that the console makes have an end and can be revoked; those of
/// the settings work as long as they are there.
/// </summary>
internal sealed class ApiTokens
{
    public const int Capacity = 1000;
    public const int MaxNameLength = 64;

    /// <summary>Hexadecimal digits of a SHA-256.</summary>
    public const int HashLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>Lets people and scanners of secrets know one.</summary>
    private const string Prefix = "npat_";

    private readonly ITokenStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ApiToken> _provisioned;
    private Dictionary<string, ApiToken> _byHash;

    /// <exception cref="InvalidOperationException">The kept tokens are damaged, or one of them has the name of a token of the settings.</exception>
    public ApiTokens(ITokenStore store, TimeProvider time, IOptions<AdminOptions>? options = null)
    {
        _store = store;
        _time = time;
        _byHash = store.Read().DistinctBy(token => token.Hash).ToDictionary(token => token.Hash);
        _provisioned = (options?.Value.Tokens ?? []).ToDictionary(
            token => token.Value.Hash.ToUpperInvariant(),
            token => new ApiToken(token.Key, token.Value.Role, token.Value.Hash.ToUpperInvariant(), CreatedAt: null, "settings", ExpiresAt: null));
        if (_byHash.Values.FirstOrDefault(token => IsAlive(token) && IsProvisioned(token.Name)) is { } twice)
        {
            throw new InvalidOperationException(
                $"{AdminOptions.Section}:Tokens:{twice.Name}: a token of this name was already created in the console; revoke that token, or choose another name");
        }
    }

    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(366);

    public IReadOnlyList<ApiToken> All => [.. _provisioned.Values, .. Volatile.Read(ref _byHash).Values.OrderBy(token => token.CreatedAt)];

    /// <summary>Whether a text is what <c>netproto create-token</c> prints as a hash.</summary>
    public static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether the settings name such a token: it can be neither made nor revoked here.</summary>
    public bool IsProvisioned(string name) => _provisioned.Values.Any(token => string.Equals(token.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Makes a token and gives its secret, this once.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or there are too many.</exception>
    public string Create(string name, Role role, TimeSpan lifetime, string by)
    {
        var secret = Prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            var alive = _byHash.Values.Where(IsAlive).ToDictionary(token => token.Hash);
            if (alive.Count >= Capacity)
            {
                throw new InvalidOperationException($"The limit of {Capacity} tokens is reached. Revoke one of them first.");
            }

            if (IsProvisioned(name) || alive.Values.Any(token => token.Name == name))
            {
                throw new InvalidOperationException($"A token named '{name}' already exists. Revoke it, or choose another name.");
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

    public ApiToken? Find(string secret)
    {
        var hash = Hash(secret);
        return (_provisioned.GetValueOrDefault(hash) ?? Volatile.Read(ref _byHash).GetValueOrDefault(hash)) is { } token && IsAlive(token) ? token : null;
    }

    private bool IsAlive(ApiToken token) => token.ExpiresAt is not { } end || end > _time.GetUtcNow();

    // Compared by hash, so the time of the look-up tells nothing about a secret.
    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));

    private void Save(Dictionary<string, ApiToken> tokens)
    {
        _store.Write([.. tokens.Values]);
        Volatile.Write(ref _byHash, tokens);
    }
}
