using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Who is signed in. A cookie names a sign-in and holds nothing more, so signing out ends it on every machine that the cookie was copied to. Kept over a
/// restart, encrypted.
/// </summary>
internal sealed class SignInStore : ITicketStore
{
    /// <summary>How many sign-ins there may be; one more ends the oldest.</summary>
    public const int Capacity = 1000;

    private const string FileName = "sessions";
    private const string SinceClaim = "since";
    private const string StampClaim = "stamp";

    /// <summary>However busy its user is, a sign-in ends then.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, SignIn> _signIns = new();
    private readonly DataFolder _folder;
    private readonly IDataProtector _protector;
    private readonly GrantStamps _stamps;
    private readonly TimeProvider _time;
    private readonly ILogger<SignInStore> _logger;
    private readonly Lock _saving = new();

    public SignInStore(DataFolder folder, IDataProtectionProvider protection, GrantStamps stamps, TimeProvider time, ILogger<SignInStore> logger)
    {
        _folder = folder;
        _protector = protection.CreateProtector("sessions");
        _stamps = stamps;
        _time = time;
        _logger = logger;
        Load();
    }

    /// <summary>A user with a new sign-in.</summary>
    public ClaimsPrincipal CreatePrincipal(string name, Role role, Grant grant) => Identities.Create(
        CookieAuthenticationDefaults.AuthenticationScheme, name, role,
        new Claim(Identities.SessionClaim, Convert.ToHexString(RandomNumberGenerator.GetBytes(16))),
        new Claim(SinceClaim, _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        new Claim(StampClaim, $"{grant} {_stamps.Of(grant, name)}"));

    public bool IsAlive(ClaimsPrincipal principal) => Find(principal) is not null;

    /// <summary>The address that the sign-in was used from last.</summary>
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
        foreach (var key in _signIns.Where(pair => IsOver(pair.Value)).Select(pair => pair.Key)
            .Concat(_signIns.OrderBy(pair => pair.Value.Ticket.Properties.IssuedUtc).Select(pair => pair.Key).Take(Math.Max(0, _signIns.Count - Capacity + 1))))
        {
            _signIns.TryRemove(key, out _);
        }

        var id = ticket.Principal.FindFirstValue(Identities.SessionClaim)!;
        _signIns[id] = new SignIn(ticket);
        Save();
        return Task.FromResult(id);
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        // One that has been signed out stays so, and another user's is no renewal.
        if (_signIns.TryGetValue(key, out var signIn) && ticket.Principal.FindFirstValue(Identities.SessionClaim) == key)
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
        principal.FindFirstValue(Identities.SessionClaim) is { } id && _signIns.TryGetValue(id, out var signIn) && !IsOver(signIn) ? signIn : null;

    private bool IsOver(SignIn signIn) => signIn.Ticket.Properties.ExpiresUtc < _time.GetUtcNow()
        || _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(long.Parse(Claim(signIn.Ticket, SinceClaim), CultureInfo.InvariantCulture)) > LongestLife;

    /// <summary>Whether what let the user in would still do so: a password that was changed, or a role that was taken, ends the sign-in.</summary>
    private bool IsStillGranted(AuthenticationTicket ticket)
    {
        var (stamp, name) = (Claim(ticket, StampClaim).Split(' '), ticket.Principal.Identity!.Name!);
        return Enum.TryParse<Grant>(stamp[0], out var grant) && stamp.Length == 2 && stamp[1] == _stamps.Of(grant, name);
    }

    private static string Claim(AuthenticationTicket ticket, string type) => ticket.Principal.FindFirstValue(type) ?? "";

    // On a full disk sign-ins live on in memory, and end when they are ended.
    private void Save()
    {
        lock (_saving)
        {
            try
            {
                var tickets = _signIns.Select(pair => TicketSerializer.Default.Serialize(pair.Value.Ticket)).ToArray();
                _folder.WriteBytes(FileName, _protector.Protect(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(tickets)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                AccessLog.SessionsNotKept(_logger, e.Message);
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
            foreach (var ticket in System.Text.Json.JsonSerializer.Deserialize<byte[][]>(bytes)!.Select(TicketSerializer.Default.Deserialize).OfType<AuthenticationTicket>().Where(IsStillGranted))
            {
                _signIns[ticket.Principal.FindFirstValue(Identities.SessionClaim)!] = new SignIn(ticket);
            }
        }
        catch (CryptographicException) // its key is gone
        {
            AccessLog.SessionsNotRead(_logger, _folder.File(FileName));
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
