using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace NetworkProtocol.Web.Admin.Access;

/// <summary>
/// Who is signed in. A cookie names a session and holds nothing more, so signing out ends it wherever the cookie has got to. Kept over a
/// restart, encrypted.
/// </summary>
internal sealed class SessionStore : ITicketStore
{
    /// <summary>How many sessions there may be; one more ends the oldest.</summary>
    public const int Capacity = 1000;

    private const string FileName = "sessions";

    private readonly ConcurrentDictionary<string, Session> _sessions = new();
    private readonly DataFolder _folder;
    private readonly IDataProtector _protector;
    private readonly TimeProvider _time;
    private readonly Lock _saving = new();

    public SessionStore(DataFolder folder, IDataProtectionProvider protection, TimeProvider time)
    {
        _folder = folder;
        _protector = protection.CreateProtector("sessions");
        _time = time;
        Load();
    }

    /// <summary>A name for a new session.</summary>
    public static string NewId() => Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    public bool IsAlive(ClaimsPrincipal principal) => Find(principal) is not null;

    /// <summary>The address that the session was used from last.</summary>
    public string? AddressOf(ClaimsPrincipal principal) => Find(principal)?.Address;

    public void Seen(ClaimsPrincipal principal, string? address)
    {
        if (Find(principal) is { } session)
        {
            session.Address = address;
        }
    }

    public Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        foreach (var key in _sessions.Where(pair => IsOver(pair.Value)).Select(pair => pair.Key)
            .Concat(_sessions.OrderBy(pair => pair.Value.Ticket.Properties.IssuedUtc).Select(pair => pair.Key).Take(Math.Max(0, _sessions.Count - Capacity + 1))))
        {
            _sessions.TryRemove(key, out _);
        }

        var id = ticket.Principal.FindFirstValue(Identities.SessionClaim)!;
        _sessions[id] = new Session(ticket);
        Save();
        return Task.FromResult(id);
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        if (_sessions.TryGetValue(key, out var session)) // one that has been signed out stays so
        {
            session.Ticket = ticket;
            Save();
        }

        return Task.CompletedTask;
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        Task.FromResult(_sessions.TryGetValue(key, out var session) && !IsOver(session) ? session.Ticket : null);

    public Task RemoveAsync(string key)
    {
        if (_sessions.TryRemove(key, out _))
        {
            Save();
        }

        return Task.CompletedTask;
    }

    private Session? Find(ClaimsPrincipal principal) =>
        principal.FindFirstValue(Identities.SessionClaim) is { } id && _sessions.TryGetValue(id, out var session) && !IsOver(session) ? session : null;

    private bool IsOver(Session session) => session.Ticket.Properties.ExpiresUtc < _time.GetUtcNow();

    private void Save()
    {
        lock (_saving)
        {
            var tickets = _sessions.Select(pair => TicketSerializer.Default.Serialize(pair.Value.Ticket)).ToArray();
            _folder.WriteBytes(FileName, _protector.Protect(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(tickets)));
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
            foreach (var ticket in System.Text.Json.JsonSerializer.Deserialize<byte[][]>(bytes)!.Select(TicketSerializer.Default.Deserialize).OfType<AuthenticationTicket>())
            {
                _sessions[ticket.Principal.FindFirstValue(Identities.SessionClaim)!] = new Session(ticket);
            }
        }
        catch (CryptographicException)
        {
            // Its key is gone: everyone signs in again.
        }
    }

    private sealed class Session(AuthenticationTicket ticket)
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
