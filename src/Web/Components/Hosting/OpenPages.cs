using System.Collections.Concurrent;
using System.Security.Claims;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>
/// The console's pages that are open, each a socket of a browser. A page ends with its user's sign-in, whatever its browser does: it is
/// told first, and cut off if it is still there at the next look. Their number is bounded, and with it the memory that they take; viewers leave
/// some for operators.
/// </summary>
internal sealed class OpenPages(SignInStore sessions, TimeProvider time) : BackgroundService
{
    /// <summary>Open pages over all users, some 4 MiB each.</summary>
    public const int Max = 50;

    /// <summary>Open pages of one user.</summary>
    public const int PerUser = 10;

    /// <summary>Open pages of viewers in one IPv4 /24 or IPv6 /48.</summary>
    public const int PerNetwork = 20;

    /// <summary>Of all pages, those that viewers cannot have.</summary>
    public const int ForOperators = 20;

    /// <summary>How often sign-ins are looked at; a page is cut off at the second look.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Page, bool> _pages = new();
    private readonly Lock _adding = new();

    /// <summary>Tells the pages that a sign-in has ended: each looks whether it was its user's.</summary>
    public event Action? SignInEnded;

    /// <summary>Serves a page's socket until the browser leaves or the sign-in ends.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        if (!sessions.IsAlive(context.User)) // a token is no sign-in to the console
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var page = new Page(context.User, Networks.Of(context.Connection.RemoteIpAddress).Middle, context.Abort);
        if (TryAdd(page) is { } problem)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            await context.Response.WriteAsync(problem);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            _pages.TryRemove(page, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                EndSignedOut();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private void EndSignedOut()
    {
        var over = _pages.Keys.Where(page => !sessions.IsAlive(page.User)).ToArray();
        if (over.Any(page => !page.Told))
        {
            SignInEnded?.Invoke();
        }

        foreach (var page in over)
        {
            if (page.Told)
            {
                page.Abort();
            }

            page.Told = true;
        }
    }

    /// <summary>Null if the page may be open, else why not.</summary>
    private string? TryAdd(Page page)
    {
        lock (_adding)
        {
            var all = _pages.Keys;
            var viewers = all.Where(other => !other.IsOperators).ToArray();
            var problem = all.Count >= Max ? $"The limit of {Max} open console pages is reached."
                : all.Count(other => other.Name == page.Name) >= PerUser ? $"You already have {PerUser} pages of the console open. Close one of them."
                : page.IsOperators ? null
                : viewers.Length >= Max - ForOperators ? $"{viewers.Length} console pages of viewers are open; the remaining pages are reserved for operators."
                : viewers.Count(other => other.Network == page.Network) >= PerNetwork ? $"The limit of {PerNetwork} open console pages for your network is reached."
                : null;
            if (problem is null)
            {
                _pages[page] = true;
            }

            return problem;
        }
    }

    private sealed class Page(ClaimsPrincipal user, string network, Action abort)
    {
        public ClaimsPrincipal User => user;

        public string? Name { get; } = user.Identity?.Name;

        public bool IsOperators { get; } = user.IsInRole(nameof(Role.Operator));

        public string Network => network;

        public Action Abort => abort;

        public bool Told { get; set; }
    }
}
