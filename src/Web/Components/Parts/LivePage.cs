using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>
/// A page that is updated once a second while it is open and not paused. An update is skipped while the browser has not processed the
/// update before it.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private bool _updating;
    private bool _disposed;

    /// <summary>Whether the user has paused the updates of the page.</summary>
    protected bool Paused { get; set; }

    /// <summary>Whether the user is an operator.</summary>
    protected bool MayChange { get; private set; }

    [Inject]
    private protected INodeView View { get; set; } = null!;

    [Inject]
    private protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private NodeControl Control { get; set; } = null!;

    [Inject]
    private Sampler Sampler { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Sampler.Sampled -= Update;
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        await TryRefreshAsync();
        MayChange = (await User.FindAsync())?.Role == Role.Operator;
        if (RendererInfo.IsInteractive && !_disposed)
        {
            Sampler.Sampled += Update;
        }
    }

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => TryRefreshAsync();

    /// <summary>Reads the data that the page shows.</summary>
    /// <exception cref="NodeException">The node does not show the data: the page keeps what it has, and says why.</exception>
    protected abstract Task RefreshAsync();

    /// <summary>Called after each update of the page.</summary>
    protected virtual Task UpdatedAsync() => Task.CompletedTask;

    /// <summary>Pauses or resumes the updates.</summary>
    protected async Task TogglePauseAsync()
    {
        Paused = !Paused;
        if (!Paused)
        {
            await TryRefreshAsync();
        }
    }

    /// <summary>Runs an action in the name of the user, shows its result, and updates the page. Null if the sign-in has ended.</summary>
    private protected async Task<Outcome?> ActAsync(Func<INodeActions, Task<Outcome>> act)
    {
        if (await User.FindAsync() is not { } user)
        {
            Navigation.NavigateTo(SignInEndpoints.SignInPath, forceLoad: true);
            return null;
        }

        var outcome = await act(Control.As(user));
        Snackbar.Add(outcome.Text, outcome.IsDone ? Severity.Success : Severity.Error);
        await TryRefreshAsync();
        return outcome;
    }

    /// <summary>
    /// Refreshes the page. An exception would end the user's circuit, so a message says why the node does not show the data.
    /// </summary>
    private protected async Task TryRefreshAsync()
    {
        try
        {
            await RefreshAsync();
        }
        catch (NodeException e)
        {
            Snackbar.Add(e.Message, Severity.Error);
        }
    }

    private void Update()
    {
        if (!Paused && !_updating)
        {
            _updating = true;
            _ = InvokeAsync(UpdateAsync);
        }
    }

    private async Task UpdateAsync()
    {
        try
        {
            if (!Paused && await User.FindAsync() is not null)
            {
                await TryRefreshAsync();
                StateHasChanged();
                await UpdatedAsync();
            }
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser has lost its connection, or the page was closed. The next update tries again.
        }
        finally
        {
            _updating = false;
        }
    }
}
