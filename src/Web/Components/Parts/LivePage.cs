using Microsoft.AspNetCore.Components;
using MudBlazor;
using NetworkProtocol.Web.Admin;
using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Admin.Reading;

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
    private protected ReadModel Model { get; set; } = null!;

    [Inject]
    private protected Operations Operations { get; set; } = null!;

    [Inject]
    private protected NavigationManager Navigation { get; set; } = null!;

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
        Refresh();
        MayChange = (await User.FindAsync())?.Role == Role.Operator;
        if (RendererInfo.IsInteractive)
        {
            Sampler.Sampled += Update;
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => Refresh();

    /// <summary>Reads what is shown.</summary>
    protected abstract void Refresh();

    /// <summary>Called after each update, when the browser has it.</summary>
    protected virtual Task UpdatedAsync() => Task.CompletedTask;

    /// <summary>Stops or goes on.</summary>
    protected void TogglePause()
    {
        Paused = !Paused;
        if (!Paused)
        {
            Refresh();
        }
    }

    /// <summary>Does something in the user's name, says how it went, and shows what is then.</summary>
    private protected async Task<Outcome?> ActAsync(Func<Actor, Task<Outcome>> act)
    {
        if (await User.FindAsync() is not { } user)
        {
            Navigation.NavigateTo(SignInEndpoints.SignInPath, forceLoad: true);
            return null;
        }

        var outcome = await act(user);
        Snackbar.Add(outcome.Text, outcome.IsDone ? Severity.Success : Severity.Error);
        Refresh();
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
                Refresh();
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
