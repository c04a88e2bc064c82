using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Tokens for <c>/api/v1</c>. Their secrets are random, so a plain hash is enough. A token that was created in the console or by the API
/// expires and can be revoked. A token in the settings works as long as the settings contain it.
/// </summary>
internal sealed class ApiTokens
{
    public const int Capacity = 1000;
    public const int MaxNameLength = 64;

    /// <summary>Hexadecimal digits of a SHA-256.</summary>
    public const int HashLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>Lets people and secret scanners recognize a token.</summary>
    private const string Prefix = "npat_";

    private readonly ITokenStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ApiToken> _provisioned;
    private Dictionary<string, ApiToken> _byHash;

    /// <exception cref="InvalidOperationException">
    /// The saved tokens are damaged, or a saved token has the name of a token in the settings.
    /// </exception>
    public ApiTokens(ITokenStore store, TimeProvider time, IOptions<AdminOptions>? options = null)
    {
        _store = store;
        _time = time;
        _byHash = store.Read().DistinctBy(token => token.Hash).ToDictionary(token => token.Hash);
        _provisioned = (options?.Value.Tokens ?? []).ToDictionary(
            token => token.Value.Hash.ToUpperInvariant(),
            token => new ApiToken(
                token.Key, token.Value.Role, token.Value.Hash.ToUpperInvariant(), CreatedAt: null, "settings", ExpiresAt: null));
        if (_byHash.Values.FirstOrDefault(token => IsAlive(token) && IsProvisioned(token.Name)) is { } twice)
        {
            throw new InvalidOperationException(
                $"{AdminOptions.Section}:Tokens:{twice.Name}: a token of this name was already created in the console; "
                    + "revoke that token, or choose another name");
        }
    }

    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(366);

    public IReadOnlyList<ApiToken> All => [.. _provisioned.Values, .. Volatile.Read(ref _byHash).Values.OrderBy(token => token.CreatedAt)];

    /// <summary>Whether the text can be a hash that <c>netproto create-token</c> has printed.</summary>
    public static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether the settings contain a token of this name, which can be neither created nor revoked here.</summary>
    public bool IsProvisioned(string name) =>
        _provisioned.Values.Any(token => string.Equals(token.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates a token and returns its secret, which cannot be read again.</summary>
    /// <exception cref="InvalidOperationException">A token of this name exists, or the limit of tokens is reached.</exception>
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
        var found = _provisioned.GetValueOrDefault(hash) ?? Volatile.Read(ref _byHash).GetValueOrDefault(hash);
        return found is { } token && IsAlive(token) ? token : null;
    }

    private bool IsAlive(ApiToken token) => token.ExpiresAt is not { } end || end > _time.GetUtcNow();

    // The look-up compares hashes, so its duration reveals nothing about a secret.
    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));

    private void Save(Dictionary<string, ApiToken> tokens)
    {
        _store.Write([.. tokens.Values]);
        Volatile.Write(ref _byHash, tokens);
    }
}
