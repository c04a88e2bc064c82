using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The sign-ins of users. A cookie contains only the id of its sign-in, so a sign-out also ends the sign-in on every machine to which the
/// cookie was copied. The sign-ins are saved encrypted, so that they survive a restart.
/// </summary>
internal sealed class SignInStore : ITicketStore
{
    /// <summary>The limit of sign-ins; a further sign-in ends the oldest one.</summary>
    public const int Capacity = 1000;

    private const string FileName = "sessions";
    private const string SinceClaim = "since";
    private const string StampClaim = "stamp";

    /// <summary>A sign-in ends after this time even if its user is active.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, SignIn> _signIns = new();
    private readonly DataFolder _folder;
    private readonly IDataProtector _protector;
    private readonly GrantStamps _stamps;
    private readonly TimeProvider _time;
    private readonly ILogger<SignInStore> _logger;
    private readonly Lock _saving = new();

    public SignInStore(
        DataFolder folder, IDataProtectionProvider protection, GrantStamps stamps, TimeProvider time, ILogger<SignInStore> logger)
    {
        _folder = folder;
        _protector = protection.CreateProtector("sessions");
        _stamps = stamps;
        _time = time;
        _logger = logger;
        Load();
    }

    /// <summary>Creates the principal of a user with a new sign-in.</summary>
    public ClaimsPrincipal CreatePrincipal(string name, Role role, Grant grant) => Identities.Create(
        CookieAuthenticationDefaults.AuthenticationScheme, name, role,
        new Claim(Identities.SignInClaim, Convert.ToHexString(RandomNumberGenerator.GetBytes(16))),
        new Claim(SinceClaim, _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        new Claim(StampClaim, $"{grant} {_stamps.Of(grant, name)}"));

    public bool IsAlive(ClaimsPrincipal principal) => Find(principal) is not null;

    /// <summary>The client address of the latest request of this sign-in.</summary>
    public string? AddressOf(ClaimsPrincipal principal) => Find(principal)?.Address;

    public void Seen(ClaimsPrincipal principal, string? address)
    {
        if (Find(principal) is { } signIn)
        {
            signIn.Address = address;
        }
    }

    public Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var over = _signIns.Where(pair => IsOver(pair.Value)).Select(pair => pair.Key);
        var oldest = _signIns.OrderBy(pair => pair.Value.Ticket.Properties.IssuedUtc).Select(pair => pair.Key);
        foreach (var key in over.Concat(oldest.Take(Math.Max(0, _signIns.Count - Capacity + 1))))
        {
            _signIns.TryRemove(key, out _);
        }

        var id = ticket.Principal.FindFirstValue(Identities.SignInClaim)!;
        _signIns[id] = new SignIn(ticket);
        Save();
        return Task.FromResult(id);
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        // A renewal must not revive a sign-in that has ended, nor replace it by the sign-in of another user.
        if (_signIns.TryGetValue(key, out var signIn) && ticket.Principal.FindFirstValue(Identities.SignInClaim) == key)
        {
            signIn.Ticket = ticket;
            Save();
        }

        return Task.CompletedTask;
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        Task.FromResult(_signIns.TryGetValue(key, out var signIn) && !IsOver(signIn) ? signIn.Ticket : null);

    public Task RemoveAsync(string key)
    {
        if (_signIns.TryRemove(key, out _))
        {
            Save();
        }

        return Task.CompletedTask;
    }

    private SignIn? Find(ClaimsPrincipal principal) =>
        principal.FindFirstValue(Identities.SignInClaim) is { } id && _signIns.TryGetValue(id, out var signIn) && !IsOver(signIn)
            ? signIn
            : null;

    private bool IsOver(SignIn signIn) => signIn.Ticket.Properties.ExpiresUtc < _time.GetUtcNow()
        || _time.GetUtcNow() - SinceOf(signIn.Ticket) > MaxLifetime;

    private static DateTimeOffset SinceOf(AuthenticationTicket ticket) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(Claim(ticket, SinceClaim), CultureInfo.InvariantCulture));

    /// <summary>Whether the settings would still let the user sign in: a changed password or a removed role ends the sign-in.</summary>
    private bool IsStillGranted(AuthenticationTicket ticket)
    {
        var (stamp, name) = (Claim(ticket, StampClaim).Split(' '), ticket.Principal.Identity!.Name!);
        return Enum.TryParse<Grant>(stamp[0], out var grant) && stamp.Length == 2 && stamp[1] == _stamps.Of(grant, name);
    }

    private static string Claim(AuthenticationTicket ticket, string type) => ticket.Principal.FindFirstValue(type) ?? "";

    // When the disk is full, sign-ins continue in memory, and a sign-out still ends them.
    private void Save()
    {
        lock (_saving)
        {
            try
            {
                var tickets = _signIns.Select(pair => TicketSerializer.Default.Serialize(pair.Value.Ticket)).ToArray();
                _folder.WriteBytes(FileName, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(tickets)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                SignInStoreLog.SignInsNotKept(_logger, e.Message);
            }
        }
    }

    private void Load()
    {
        if (!File.Exists(_folder.File(FileName)))
        {
            return;
        }

        try
        {
            var bytes = _protector.Unprotect(File.ReadAllBytes(_folder.File(FileName)));
            var tickets = JsonSerializer.Deserialize<byte[][]>(bytes)!.Select(TicketSerializer.Default.Deserialize);
            foreach (var ticket in tickets.OfType<AuthenticationTicket>().Where(IsStillGranted))
            {
                _signIns[ticket.Principal.FindFirstValue(Identities.SignInClaim)!] = new SignIn(ticket);
            }
        }
        catch (CryptographicException) // the key of the file was removed
        {
            SignInStoreLog.SignInsNotRead(_logger, _folder.File(FileName));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    private sealed class SignIn(AuthenticationTicket ticket)
    {
        private volatile AuthenticationTicket _ticket = ticket;

        public AuthenticationTicket Ticket
        {
            get => _ticket;
            set => _ticket = value;
        }

        public string? Address { get; set; }
    }
}
