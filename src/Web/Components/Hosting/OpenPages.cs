using System.Collections.Concurrent;
using System.Security.Claims;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>
/// The open pages of the console; each is a socket of a browser. A page ends with the sign-in of its user, whatever the browser does: the
/// page is notified first, and cut off if it is still open at the next check. The number of open pages is limited, because each page uses
/// memory. Viewers cannot use up all pages: some are reserved for operators.
/// </summary>
internal sealed class OpenPages(SignInStore signIns, TimeProvider time) : BackgroundService
{
    /// <summary>The limit of open pages of all users; a page uses some 4 MiB.</summary>
    public const int Max = 50;

    /// <summary>The limit of open pages of one user.</summary>
    public const int PerUser = 10;

    /// <summary>The limit of open pages of viewers in one IPv4 /24 or IPv6 /48.</summary>
    public const int PerNetwork = 20;

    /// <summary>The number of pages that are reserved for operators.</summary>
    public const int ForOperators = 20;

    /// <summary>The time between two checks of the sign-ins; the second check after the end of a sign-in cuts its pages off.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Page, bool> _pages = new();
    private readonly Lock _adding = new();

    /// <summary>Raised when a sign-in has ended; each page then checks the sign-in of its own user.</summary>
    public event Action? SignInEnded;

    /// <summary>Serves the socket of a page until the browser closes it or the sign-in ends.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        if (!signIns.IsAlive(context.User)) // an API token is not enough for a console page
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
        var over = _pages.Keys.Where(page => !signIns.IsAlive(page.User)).ToArray();
        if (over.Any(page => !page.IsNotified))
        {
            SignInEnded?.Invoke();
        }

        foreach (var page in over)
        {
            if (page.IsNotified)
            {
                page.Abort();
            }

            page.IsNotified = true;
        }
    }

    /// <summary>Adds the page; returns why the page cannot be opened, or null.</summary>
    private string? TryAdd(Page page)
    {
        lock (_adding)
        {
            var all = _pages.Keys;
            var viewers = all.Where(other => !other.IsOperator).ToArray();
            var problem = all.Count >= Max ? $"The limit of {Max} open console pages is reached."
                : all.Count(other => other.Name == page.Name) >= PerUser
                    ? $"You already have {PerUser} pages of the console open. Close one of them."
                : page.IsOperator ? null
                : viewers.Length >= Max - ForOperators
                    ? $"{viewers.Length} console pages of viewers are open; the remaining pages are reserved for operators."
                : viewers.Count(other => other.Network == page.Network) >= PerNetwork
                    ? $"The limit of {PerNetwork} open console pages for your network is reached."
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

        public bool IsOperator { get; } = user.IsInRole(nameof(Role.Operator));

        public string Network => network;

        public Action Abort => abort;

        public bool IsNotified { get; set; }
    }
}
