using Microsoft.AspNetCore.Components;
using MudBlazor;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>A page that shows what is: updated once a second while it is open and not paused, and never while the browser is behind.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private bool _updating;

    /// <summary>Whether the page stands still.</summary>
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
        Sampler.Sampled -= Update;
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        await RefreshAsync();
        MayChange = (await User.FindAsync())?.Role == Role.Operator;
        if (RendererInfo.IsInteractive)
        {
            Sampler.Sampled += Update;
        }
    }

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => RefreshAsync();

    /// <summary>Reads what is shown.</summary>
    protected abstract Task RefreshAsync();

    /// <summary>Called after each update, when the browser has it.</summary>
    protected virtual Task UpdatedAsync() => Task.CompletedTask;

    /// <summary>Stops or goes on.</summary>
    protected async Task TogglePauseAsync()
    {
        Paused = !Paused;
        if (!Paused)
        {
            await RefreshAsync();
        }
    }

    /// <summary>Does something in the user's name, says how it went, and shows what is then.</summary>
    private protected async Task<Outcome?> ActAsync(Func<INodeActions, Task<Outcome>> act)
    {
        if (await User.FindAsync() is not { } user)
        {
            Navigation.NavigateTo(SignInEndpoints.SignInPath, forceLoad: true);
            return null;
        }

        var outcome = await act(Control.As(user));
        Snackbar.Add(outcome.Text, outcome.IsDone ? Severity.Success : Severity.Error);
        await RefreshAsync();
        return outcome;
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
                await RefreshAsync();
                StateHasChanged();
                await UpdatedAsync();
            }
        }
        catch (Exception e) when (e is Microsoft.JSInterop.JSException or Microsoft.JSInterop.JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser is away or the page was left; it is updated again when it is back.
        }
        finally
        {
            _updating = false;
        }
    }
}
